package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/receipt/receiptpage"
)

// receiptFlags are what a receipt is asked for, as it was typed.
type receiptFlags struct {
	ask          receipt.Ask
	heldAt, mark string
	out          string
}

func (a *app) receiptCommand() *cobra.Command {
	var f receiptFlags
	c := &cobra.Command{
		Use:   "receipt RELEASE",
		Short: "Show what became of a release, who held a copy at a moment, and whether the trail is whole",
		Long: "Show what became of a release: who approved it and when, when each country and language was reached, what failed and why, and who held a copy at a moment. " +
			"The trail that all this is read from is sealed by the daemons, a minute after it was written: --verify walks along the seals and tells where anything was changed, added or taken away since, and then ends with 1. " +
			"A receipt shows the newest seal's mark; kept outside, on paper say, it proves that no later chain took the place of this one: --mark looks for it.",
		Args: arguments(1, "the name of a release"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			f.ask.Release = args[0]
			if err := f.read(time.Now()); err != nil {
				return misuse{err, c.CommandPath()}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			return a.receipt(c, o, f)
		},
	}
	c.Flags().BoolVar(&f.ask.Verify, "verify", false, "verify the seals, and compute anew those of the release's time")
	c.Flags().BoolVar(&f.ask.All, "all", false, "verify, and compute all seals anew")
	c.Flags().StringVar(&f.mark, "mark", "", "a seal's mark that an earlier receipt shows: it must still be in the chain")
	c.Flags().StringVar(&f.heldAt, "held-at", "", "who held a copy at that `INSTANT`, or may have: 2027-03-04 18:00 Asia/Tashkent, 2027-03-04T13:00:00Z, or 15m for 15 minutes ago")
	c.Flags().BoolVar(&f.ask.Addresses, "addresses", false, "with --held-at: show addresses, and freelancers by name")
	c.Flags().StringVar(&f.out, "out", "", "write the receipt as a page to print or attach (receipt.html)")
	return c
}

// read takes the flags that are more than words.
func (f *receiptFlags) read(now time.Time) error {
	if f.mark != "" {
		var mark press.Digest
		if err := mark.UnmarshalText([]byte(f.mark)); err != nil {
			return fmt.Errorf("--mark: %w", err)
		}
	}
	if f.heldAt == "" {
		if f.ask.Addresses {
			return errors.New("--addresses is for --held-at INSTANT")
		}
		return nil
	}
	moment, err := press.ParseMoment(f.heldAt)
	if f.ask.HeldAt = moment.At; err == nil {
		return nil
	}
	if f.ask.HeldAt, err = ledger.ParseWhen(f.heldAt, now); err != nil {
		return fmt.Errorf("--held-at %w; an instant with its zone will do, too, such as 2027-03-04 18:00 Asia/Tashkent", err)
	}
	return nil
}

func (a *app) receipt(c *cobra.Command, o *office, f receiptFlags) error {
	r, err := receipt.Draw(c.Context(), o.store, o.keys, f.ask, time.Now())
	if err != nil {
		return err
	}
	lost := false
	if f.mark != "" {
		var mark press.Digest
		_ = mark.UnmarshalText([]byte(f.mark)) // read before
		known, err := receipt.Contains(c.Context(), o.store, mark)
		if lost = !known; err != nil {
			return err
		}
	}
	if f.out != "" {
		if err := writePage(f.out, r); err != nil {
			return err
		}
	}
	switch {
	case a.json:
		err = a.printJSON(r)
	case f.out != "":
		a.say("The receipt of " + r.Release + " is in " + f.out + ".")
		a.showSeals(r)
	default:
		a.showReceipt(r)
	}
	if err == nil && lost {
		return errors.New("the mark " + f.mark + " is in no seal: the chain that had it was taken away, or is another store's")
	}
	if err == nil && r.Verified != nil && !r.Verified.Whole() {
		return exitCode(1)
	}
	return err
}

func writePage(path string, r receipt.Receipt) error {
	var page bytes.Buffer
	if err := receiptpage.Page(&page, r); err != nil {
		return err
	}
	if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing the receipt: %w", err)
	}
	return nil
}

const toMicros = "2006-01-02 15:04:05.000000 UTC"

func (a *app) showReceipt(r receipt.Receipt) {
	a.say(bold(r.Release))
	for _, t := range r.Titles {
		a.say(t.Headline)
	}
	a.say("")
	for _, p := range r.Approvals {
		note := ""
		if !p.InForce {
			note = faint("  superseded")
		}
		a.say(fmt.Sprintf("approved   %s by %s for %s, digest %.12s%s", p.At.Format(toMicros), p.By, count(p.Recipients, "recipient"), p.Digest, note))
	}
	if !r.Lift.IsZero() {
		a.say("lift       " + r.Lift.At.Format(toMicros))
	}
	for _, act := range r.Acts {
		a.say(fmt.Sprintf("%-10s %s by %s  %s", act.Act, act.At.Format(toMicros), act.By, act.Detail))
	}
	a.say("", fmt.Sprintf("%s: %s", count(r.Copies, "copy"), statesOf(r.States)))
	a.showParts("send", r.Sends)
	a.showParts("country", r.Countries)
	a.showParts("language", r.Languages)
	if l := r.Lateness; l.Accepted > 0 {
		a.say("", fmt.Sprintf("After the lift: the first after %s, half within %s, 99 of 100 within %s, the last after %s.", l.First, l.Half, l.Most, l.Last))
		if l.Early > 0 {
			a.say(alarm(count(l.Early, "copy") + " accepted before the lift"))
		}
	}
	a.showWhys(r)
	if r.Held != nil {
		a.showHeld(*r.Held)
	}
	a.showSeals(r)
}

func statesOf(states map[press.State]int) string {
	var all []string
	for _, s := range press.States() {
		if states[s] > 0 {
			all = append(all, thousands(states[s])+" "+string(s))
		}
	}
	return strings.Join(all, ", ")
}

func (a *app) showParts(what string, parts []receipt.Part) {
	rows := make([][]string, len(parts))
	for i, p := range parts {
		rows[i] = []string{p.Of, thousands(p.Copies), thousands(p.Accepted), instantOr(p.First), instantOr(p.Last)}
	}
	a.say("")
	a.grid([]string{what, "copies", "accepted", "first", "last"}, map[int]bool{1: true, 2: true}, rows)
}

func instantOr(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return at.Format(toMicros)
}

// showWhys tells why copies failed or did not leave, and what else was sent.
func (a *app) showWhys(r receipt.Receipt) {
	var rows [][]string
	for _, f := range r.Failed {
		rows = append(rows, []string{string(f.State), strings.TrimSpace(string(f.Class) + " " + string(f.Reason)), thousands(f.N)})
	}
	for _, u := range r.Unsent {
		rows = append(rows, []string{string(u.State), u.Why, thousands(u.N)})
	}
	for _, t := range r.Tests {
		rows = append(rows, []string{"test copies", string(t.Edition) + " " + string(t.State), thousands(t.N)})
	}
	for _, n := range r.Notices {
		rows = append(rows, []string{"notice", n.Release + " by " + n.Approval.By + ": " + statesOf(n.States), thousands(n.Approval.Recipients)})
	}
	if len(rows) > 0 {
		a.say("")
		a.grid([]string{"what", "why", "n"}, map[int]bool{2: true}, rows)
	}
}

func (a *app) showHeld(h receipt.Held) {
	a.say("", fmt.Sprintf("%s held, or perhaps, at %s; of %s nobody knows", count(h.Copies, "copy"), h.At.Format(toMicros), count(h.Unsure, "copy")))
	rows := make([][]string, len(h.Holders))
	for i, x := range h.Holders {
		outlet := x.Outlet
		if outlet == "" {
			outlet = faint("none named")
		}
		rows[i] = []string{string(x.Country), outlet, string(x.OutletKind), x.Send, string(x.State), thousands(x.Copies), x.Since.Format(toMicros)}
		if len(x.Addresses) > 0 {
			rows[i] = append(rows[i], strings.Join(slices.Collect(plainOf(x.Addresses)), " "))
		}
	}
	headers := []string{"country", "outlet", "kind", "send", "state", "copies", "since"}
	if slices.ContainsFunc(h.Holders, func(x receipt.Holder) bool { return len(x.Addresses) > 0 }) {
		headers = append(headers, "addresses")
	}
	a.grid(headers, map[int]bool{5: true}, rows)
	for _, t := range h.Tests {
		a.say(fmt.Sprintf("and %s of edition %s, %s, since %s", count(t.N, "test copy"), t.Edition, t.State, t.First.Format(toMicros)))
	}
}

func plainOf(addresses []press.Address) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, address := range addresses {
			if !yield(string(address)) {
				return
			}
		}
	}
}

func (a *app) showSeals(r receipt.Receipt) {
	if r.Seal == nil {
		a.say("", warn("Nothing of the trail is sealed yet: a daemon does so a minute after it was written."))
	} else {
		a.say("", fmt.Sprintf("seal %d of %s: %s", r.Seal.N, r.Seal.At.Format("2006-01-02 15:04:05 UTC"), r.Seal.Mark))
	}
	v := r.Verified
	if v == nil {
		return
	}
	for _, b := range v.Breaks {
		a.say(alarm("broken: ") + b.Told())
	}
	told := fmt.Sprintf("%s walked along, %d computed anew over %s and %s", count(v.Seals, "seal"), v.Computed, count(v.Events, "event"), count(v.Acts, "act"))
	if v.Whole() && v.Seals > 0 {
		told = good("The trail is whole: ") + told
	}
	if v.Unsealed > 0 {
		told += fmt.Sprintf("; %d not sealed yet, since %s", v.Unsealed, v.Since.Format("2006-01-02 15:04:05 UTC"))
	}
	a.say(told)
}
