package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dateline/internal/access"
	"dateline/internal/press"
	"dateline/internal/store"
)

func (a *app) usersCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "users",
		Short: "Keep the accounts of who may sign in, and their roles",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.addUserCommand(), a.listUsersCommand(), a.rolesCommand(), a.passwordCommand(),
		a.shutCommand("disable", "Shut an account out, with its sessions and tokens; it stays in the trail", true),
		a.shutCommand("enable", "Let an account that was disabled in again", false))
	return c
}

// door opens the store, and runs a use of accounts or tokens in the name of
// whoever works on the machine.
func (a *app) door(c *cobra.Command, by string, use func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error) (err error) {
	o, err := a.openStore(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = o.close(err) }()
	err = use(c.Context(), access.NewDoor(o.store, store.NewID, access.Setup{}), access.CommandLine(by), time.Now())
	return err
}

// osUser is who works on the machine, as it calls them.
func osUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("user %d", os.Getuid())
}

func byFlag(c *cobra.Command, by *string) {
	c.Flags().StringVar(by, "by", osUser(), "who does it, for the trail")
	c.Flag("by").DefValue = "the machine's user"
}

// passwordFlags say where a password comes from.
type passwordFlags struct {
	file  string
	stdin bool
}

func (f *passwordFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "password-file", "", "the file that holds the password; one line end after it is dropped")
	c.Flags().BoolVar(&f.stdin, "password-stdin", false, "read the password from the standard input")
	c.MarkFlagsMutuallyExclusive("password-file", "password-stdin")
}

// largestPassword is far above what an account takes.
const largestPassword = 4096

// read gives the password: from a file, the standard input, or a person who
// types it twice.
func (f *passwordFlags) read(a *app, c *cobra.Command) (string, error) {
	var raw []byte
	var err error
	terminal, isFile := a.In.(*os.File)
	switch {
	case f.file != "":
		raw, err = os.ReadFile(f.file)
	case f.stdin:
		raw, err = io.ReadAll(io.LimitReader(a.In, largestPassword))
	case isFile && term.IsTerminal(int(terminal.Fd())):
		return askTwice(a.Err, func() ([]byte, error) { return term.ReadPassword(int(terminal.Fd())) })
	default:
		return "", misuse{errors.New(c.CommandPath() + " wants --password-file F or --password-stdin where no terminal is there to ask at"), c.CommandPath()}
	}
	if err != nil {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	return string(bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))), nil
}

func askTwice(to io.Writer, ask func() ([]byte, error)) (string, error) {
	var typed [2][]byte
	for i, prompt := range []string{"Password: ", "Once more: "} {
		fmt.Fprint(to, prompt)
		var err error
		if typed[i], err = ask(); err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		fmt.Fprintln(to)
	}
	if !bytes.Equal(typed[0], typed[1]) {
		return "", errors.New("the two passwords differ; nothing was changed")
	}
	return string(typed[0]), nil
}

// rolesFrom reads roles, with every one that is none told at once.
func rolesFrom(names []string) ([]access.Role, error) {
	var roles []access.Role
	var faults []error
	for _, name := range names {
		r, err := access.ParseRole(strings.TrimSpace(name))
		roles, faults = append(roles, r), append(faults, err)
	}
	return roles, errors.Join(faults...)
}

func (a *app) addUserCommand() *cobra.Command {
	var n access.NewAccount
	var names []string
	var by string
	var password passwordFlags
	c := &cobra.Command{
		Use:   "add NAME --name FULLNAME --role ROLE",
		Short: "Make an account with a password",
		Long: "Make an account with a password of at least 12 characters. NAME is what the person signs in with, FULLNAME stands beside what they approve.\n" +
			"Roles: viewer looks; editor keeps contacts and sends test copies; approver says yes to plans; operator steers what is under way, and keeps the accounts.",
		Args: arguments(1, "the name to sign in with"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if n.Roles, err = rolesFrom(names); err != nil {
				return misuse{err, c.CommandPath()}
			}
			if n.Name == "" || len(n.Roles) == 0 {
				return misuse{errors.New(c.CommandPath() + " wants --name FULLNAME and --role ROLE"), c.CommandPath()}
			}
			n.Login = args[0]
			if n.Password, err = password.read(a, c); err != nil {
				return err
			}
			return a.door(c, by, func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error {
				account, err := d.AddAccount(ctx, by, n, now)
				if err != nil {
					return err
				}
				return a.did(account, fmt.Sprintf("%s (%s) can sign in: %s.", account.Login, account.Name, strings.Join(account.Roles, ", ")))
			})
		},
	}
	c.Flags().StringVar(&n.Name, "name", "", "the full name, which they sign with")
	c.Flags().StringVar(&n.Email, "email", "", "their email address")
	c.Flags().StringSliceVar(&names, "role", nil, "their roles, by commas")
	password.add(c)
	byFlag(c, &by)
	return c
}

// did says what was done, or prints what it was done to.
func (a *app) did(v any, said string) error {
	if a.json {
		return a.printJSON(v)
	}
	a.say(good(said))
	return nil
}

func (a *app) listUsersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the accounts",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.door(c, "", func(ctx context.Context, d *access.Door, _ access.Person, _ time.Time) error {
				all, err := d.Accounts(ctx)
				if err != nil {
					return err
				}
				return a.showUsers(all)
			})
		},
	}
}

func (a *app) showUsers(all []press.Account) error {
	if a.json {
		return a.printJSON(listed(all))
	}
	if len(all) == 0 {
		a.say(faint("Nobody has an account; `dateline users add` makes one."))
		return nil
	}
	rows := make([][]string, len(all))
	for i, u := range all {
		state := ""
		if u.Disabled {
			state = warn("disabled")
		}
		rows[i] = []string{u.Login, u.Name, u.Email, strings.Join(u.Roles, ", "), u.Source, u.Created.Format("2006-01-02"), state}
	}
	a.grid([]string{"name", "full name", "email", "roles", "signs in by", "since", ""}, nil, rows)
	return nil
}

func (a *app) rolesCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:   "roles NAME ROLE...",
		Short: "Give an account other roles, in place of those it has",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return misuse{errors.New(c.CommandPath() + " wants an account and at least one role; `dateline users disable` shuts somebody out"), c.CommandPath()}
			}
			roles, err := rolesFrom(strings.Split(strings.Join(args[1:], ","), ","))
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			return a.door(c, by, func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error {
				if err := d.SetRoles(ctx, by, args[0], roles, now); err != nil {
					return err
				}
				return a.did(map[string]any{"login": args[0], "roles": roles}, fmt.Sprintf("%s has other roles, from the next click on.", args[0]))
			})
		},
	}
	byFlag(c, &by)
	return c
}

func (a *app) passwordCommand() *cobra.Command {
	var by string
	var password passwordFlags
	c := &cobra.Command{
		Use:   "password NAME",
		Short: "Set an account's password anew, and end its sessions",
		Args:  arguments(1, "the name of an account"),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := password.read(a, c)
			if err != nil {
				return err
			}
			return a.door(c, by, func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error {
				if err := d.SetPassword(ctx, by, args[0], text, now); err != nil {
					return err
				}
				return a.did(map[string]any{"login": args[0]}, fmt.Sprintf("%s has another password, and has to sign in again.", args[0]))
			})
		},
	}
	password.add(c)
	byFlag(c, &by)
	return c
}

func (a *app) shutCommand(name, short string, out bool) *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:   name + " NAME",
		Short: short,
		Args:  arguments(1, "the name of an account"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.door(c, by, func(ctx context.Context, d *access.Door, by access.Person, now time.Time) error {
				if err := d.SetDisabled(ctx, by, args[0], out, now); err != nil {
					return err
				}
				return a.did(map[string]any{"login": args[0], "disabled": out}, fmt.Sprintf("%s is %sd.", args[0], name))
			})
		},
	}
	byFlag(c, &by)
	return c
}

// listed makes a list that is empty one in JSON too, where it would be null.
func listed[T any](s []T) []T { return append([]T{}, s...) }
