package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
	"dateline/internal/roster"
)

// person is a contact that a command names by its id or by an address. One who
// is not on file any more still has a mailbox.
type person struct {
	id      press.ID
	address press.Address
	onFile  bool
}

// also is the mailbox that was named, if one was.
func (p person) also(o *office) []press.AddressKey {
	if p.address == "" {
		return nil
	}
	return []press.AddressKey{o.keys.AddressKey(p.address)}
}

// namePerson reads how a command names a person.
func namePerson(named string) (person, error) {
	named = strings.TrimSpace(named)
	if id, err := press.ParseID(named); err == nil {
		return person{id: id}, nil
	}
	address, err := press.ParseAddress(named)
	if err != nil {
		return person{}, fmt.Errorf("%q is neither the id nor an address of a contact", named)
	}
	return person{address: address}, nil
}

// find looks whether the person is on file, and by which id.
func (p *person) find(ctx context.Context, o *office) error {
	if p.address == "" {
		_, ok, err := o.store.ContactByID(ctx, p.id)
		p.onFile = ok
		return err
	}
	c, ok, err := o.store.ContactOf(ctx, p.address)
	p.id, p.onFile = c.ID, ok
	return err
}

// personCommand is a command about persons, who come as its arguments.
func (a *app) personCommand(use, short string, n int, by *string, do func(context.Context, *office, []person) error) *cobra.Command {
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  arguments(n, []string{"a contact's id or address", "another's"}[:n]...),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if by != nil && *by == "" {
				return misuse{errors.New(c.CommandPath() + " wants --by NAME"), c.CommandPath()}
			}
			people := make([]person, len(args))
			for i, named := range args {
				if people[i], err = namePerson(named); err != nil {
					return misuse{err, c.CommandPath()}
				}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			for i := range people {
				if err := people[i].find(c.Context(), o); err != nil {
					return err
				}
			}
			return do(c.Context(), o, people)
		},
	}
	if by != nil {
		c.Flags().StringVar(by, "by", "", "who says so")
	}
	return c
}

func (a *app) mergeCommand() *cobra.Command {
	var by string
	return a.personCommand("merge KEEP OTHER", "Put two contacts together that are one person", 2, &by, func(ctx context.Context, o *office, who []person) error {
		for _, p := range who {
			if !p.onFile {
				return fmt.Errorf("merging contacts: nobody on file has %s%s", p.address, idOf(p))
			}
		}
		done, err := o.store.Merge(ctx, who[0].id, who[1].id, o.keys.AddressKey, by, time.Now())
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(done)
		}
		a.say(fmt.Sprintf("%s has %s and %s more; %s is gone.", done.Keep, count(done.Addresses, "address"), count(done.Outlets, "outlet"), done.Gone))
		if len(done.Filled) > 0 {
			a.say(faint("From the other came: " + strings.Join(done.Filled, ", ") + "."))
		}
		return nil
	})
}

// idOf is a person's id where no address named them.
func idOf(p person) string {
	if p.address != "" {
		return ""
	}
	return "the id " + p.id.String()
}

func (a *app) eraseCommand() *cobra.Command {
	var by string
	return a.personCommand("erase CONTACT", "Delete everything that is held on a person, for good; only a hash that keeps them from being written to stays", 1, &by, func(ctx context.Context, o *office, who []person) error {
		done, err := o.store.Erase(ctx, who[0].id, who[0].also(o), o.keys.AddressKey, by, time.Now())
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(done)
		}
		if !who[0].onFile {
			a.say(warn("No contact on file has this; what the ledger had is gone, and nothing will be sent there."))
		}
		a.say(fmt.Sprintf("Erased: %s, %s in the ledger (%s on their way and stopped), %s.", count(done.Addresses, "address"), count(done.Copies, "copy"),
			thousands(done.Stopped), count(done.Reports, "report")),
			faint("Backups and files that this was imported from are yours to clear."))
		return nil
	})
}

func (a *app) dossierCommand() *cobra.Command {
	var page string
	c := a.personCommand("dossier CONTACT", "Show everything that is held on a person, as JSON or as a page to send to them", 1, nil, func(ctx context.Context, o *office, who []person) error {
		d, err := o.store.Dossier(ctx, who[0].id, who[0].also(o), o.keys.AddressKey, time.Now())
		if err != nil {
			return err
		}
		if page == "" {
			return a.printJSON(d)
		}
		f, err := os.OpenFile(page, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("writing a dossier: %w", err)
		}
		if err := errors.Join(roster.WriteDossier(f, d), f.Close()); err != nil {
			return err
		}
		a.say("The dossier is in " + page + ": " + count(len(d.Copies), "copy") + ", " + count(len(d.Reports), "report") + ".")
		return nil
	})
	c.Flags().StringVar(&page, "page", "", "the HTML file to write; it must not exist yet")
	return c
}
