package cli

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/config"
	"dateline/internal/doctor"
)

func (a *app) doctorCommand() *cobra.Command {
	var resolver string
	c := &cobra.Command{
		Use:   "doctor [RELEASE]",
		Short: "Look before a lift at what Gmail, Yahoo, Microsoft and Mail.ru will ask of senders and relays",
		Long: "Look before a lift at what Gmail, Yahoo, Microsoft and Mail.ru will ask: SPF, DKIM, DMARC, the names of\n" +
			"addresses, TLS, a way back for bounces, one click, and the clock; of a release, of its sender and the\n" +
			"relays that its copies may take. It signs in to relays and mailboxes and out again, sends nothing and\n" +
			"touches no message; it is over in 20 seconds. What could not be asked is `not known`, never ok. Exit\n" +
			"code 1 says that there is a fault: mail would be refused, or could not leave.",
		Args: func(c *cobra.Command, args []string) error { return arguments(min(len(args), 1))(c, args) },
		RunE: func(c *cobra.Command, args []string) (err error) {
			if _, _, err := net.SplitHostPort(resolver); resolver != "" && err != nil {
				return misuse{fmt.Errorf("--resolver: %w; HOST:PORT is wanted, such as 192.0.2.53:53", err), c.CommandPath()}
			}
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			about, err := o.about(c.Context(), args, time.Now())
			if err != nil {
				return err
			}
			facts := o.ask(c.Context(), about, resolver)
			if err := c.Context().Err(); err != nil {
				return err // what was not waited for is no answer
			}
			report := doctor.Judge(facts)
			if a.json {
				err = a.printJSON(report)
			} else {
				a.showReport(report)
			}
			if err == nil && report.Counts[doctor.Fault] > 0 {
				return exitCode(exitFailed)
			}
			return err
		},
	}
	c.Flags().StringVar(&resolver, "resolver", "", "the DNS server to ask (127.0.0.1:53), such as one outside where DNS is split; without it those of this machine")
	return c
}

// about is what the doctor looks at.
type about struct {
	senders []string // ids
	relays  []config.Relay
	now     time.Time
	until   time.Time // when the last copy is to leave
}

// about finds the sender of a release and the relays that its copies may take,
// by the plan of now; without a release, or without a recipient, it is all.
func (o *office) about(ctx context.Context, args []string, now time.Time) (about, error) {
	x := about{senders: slices.Sorted(maps.Keys(o.config.Senders)), relays: o.config.Relays, now: now, until: now}
	if len(args) == 0 {
		return x, nil
	}
	p, err := o.desk().Plan(ctx, args[0], now, true)
	if err != nil {
		return x, err
	}
	x.senders = []string{p.Frozen.Sender.ID}
	may := map[string]bool{}
	for _, s := range p.Sends {
		for _, r := range s.Recipients {
			for _, name := range o.config.RelaysFor(r.Address, r.Country) {
				may[name] = true
			}
			if r.Due.After(x.until) {
				x.until = r.Due
			}
		}
	}
	if len(may) > 0 {
		x.relays = slices.DeleteFunc(slices.Clone(x.relays), func(r config.Relay) bool { return !may[r.Name] })
	}
	return x, nil
}

// levelled gives a finding's level its colour.
func levelled(l doctor.Level) string {
	switch l {
	case doctor.OK:
		return good(string(l))
	case doctor.Warning:
		return warn(string(l))
	case doctor.Fault:
		return alarm(string(l))
	case doctor.NotKnown:
		return bold(string(l))
	default:
		return faint(string(l))
	}
}

// showReport prints a table, and below it what is to be done; a narrow terminal
// cuts the table, and nothing of that.
func (a *app) showReport(r doctor.Report) {
	rows := make([][]string, len(r.Findings))
	for i, f := range r.Findings {
		rows[i] = []string{levelled(f.Level), f.Sender, f.Check, f.Of, f.What}
	}
	a.grid([]string{"", "sender", "check", "of", "what was found"}, nil, rows)
	for _, level := range []doctor.Level{doctor.Fault, doctor.Warning, doctor.NotKnown} {
		a.showToDo(r, level)
	}
	a.say("", fmt.Sprintf("%s, %s, %d not known, %d ok, %s.", count(r.Counts[doctor.Fault], "fault"), count(r.Counts[doctor.Warning], "warning"),
		r.Counts[doctor.NotKnown], r.Counts[doctor.OK], count(r.Counts[doctor.Note], "note")))
}

// showToDo prints what is wrong in full, each thing once, with what would be
// right.
func (a *app) showToDo(r doctor.Report, level doctor.Level) {
	told := map[string]bool{}
	for _, f := range r.Findings {
		what := f.Check + " of " + f.Of + ": " + f.What
		if f.Level != level || told[what] {
			continue
		}
		told[what] = true
		a.say("", levelled(level)+"  "+bold(f.Check+" of "+f.Of), "  "+f.What)
		if f.Want != "" {
			a.say("  wanted: " + f.Want)
		}
		if p := f.Publish; p != nil {
			a.say("    name   "+p.Name, "    type   "+p.Type, `    value  "`+strings.Join(p.Strings, `" "`)+`"`)
		}
	}
}
