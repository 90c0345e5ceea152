package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/access"
	"dateline/internal/press"
)

func (a *app) tokensCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "tokens",
		Short: "Keep the tokens by which programs come in, in the name of an account",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.addTokenCommand(), a.listTokensCommand(), a.revokeTokenCommand())
	return c
}

// madeToken is what `tokens add --json` prints.
type madeToken struct {
	Token string `json:"token"`
	press.APIToken
}

func (a *app) addTokenCommand() *cobra.Command {
	var n access.NewToken
	var scope []string
	var expires, by string
	c := &cobra.Command{
		Use:   "add --for NAME --scope RIGHTS --expires DAYS",
		Short: "Make a token, and print it: it is shown this once",
		Long: "Make a token, and print it: it is shown this once, and the store keeps its hash alone. It never gives a right that its owner lacks.\n" +
			"Rights: look, export, edit, approve, hold, steer, manage.",
		Args: arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if n.For == "" || len(scope) == 0 || expires == "" {
				return misuse{errors.New(c.CommandPath() + " wants --for NAME, --scope RIGHTS and --expires DAYS (90d)"), c.CommandPath()}
			}
			days, err := daysIn(expires, 366)
			if err != nil {
				return misuse{fmt.Errorf("--expires: %w", err), c.CommandPath()}
			}
			for _, right := range scope {
				n.Scope = append(n.Scope, access.Right(strings.TrimSpace(right)))
			}
			return a.door(c, by, func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error {
				n.Expires = now.Add(time.Duration(days) * 24 * time.Hour)
				text, token, err := d.AddToken(ctx, by, n, now)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(madeToken{text, token})
				}
				fmt.Fprintln(a.Err, faint(fmt.Sprintf("The token of %s for %s, until %s. It is not shown again.", token.Owner, strings.Join(token.Scope, ", "), token.Expires.Format("2006-01-02"))))
				a.say(text)
				return nil
			})
		},
	}
	c.Flags().StringVar(&n.For, "for", "", "the account in whose name it acts")
	c.Flags().StringSliceVar(&scope, "scope", nil, "what it may, by commas (look,hold)")
	c.Flags().StringVar(&expires, "expires", "", "after how many days it expires (90d); at most 366d")
	c.Flags().StringVar(&n.Note, "note", "", "what it is for")
	byFlag(c, &by)
	return c
}

func (a *app) listTokensCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the tokens, without their text",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.door(c, "", func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error {
				all, err := d.Tokens(ctx, by)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(listed(all))
				}
				return a.showTokens(all, now)
			})
		},
	}
}

func (a *app) showTokens(all []press.APIToken, now time.Time) error {
	if len(all) == 0 {
		a.say(faint("There is no token; `dateline tokens add` makes one."))
		return nil
	}
	rows := make([][]string, len(all))
	for i, t := range all {
		state, used := t.Expires.Format("until 2006-01-02"), "never"
		switch {
		case !t.Revoked.IsZero():
			state = faint("revoked " + t.Revoked.Format("2006-01-02"))
		case !now.Before(t.Expires):
			state = faint("expired " + t.Expires.Format("2006-01-02"))
		}
		if !t.Used.IsZero() {
			used = t.Used.Format("2006-01-02 15:04 UTC")
		}
		rows[i] = []string{t.ID.String(), t.Owner, strings.Join(t.Scope, ", "), state, used, t.Note}
	}
	a.grid([]string{"id", "of", "may", "", "last used", "note"}, nil, rows)
	return nil
}

func (a *app) revokeTokenCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:   "revoke ID",
		Short: "End a token, at once",
		Args:  arguments(1, "the id of a token"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.door(c, by, func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error {
				if err := d.RevokeToken(ctx, by, args[0], now); err != nil {
					return err
				}
				return a.did(map[string]string{"revoked": args[0]}, "The token is revoked.")
			})
		},
	}
	byFlag(c, &by)
	return c
}
