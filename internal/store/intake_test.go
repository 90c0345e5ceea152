package store_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
)

// mail is one that came in an hour after noon; its key is its name's.
func mail(name string, reports ...press.Tied) press.Incoming {
	sum := sha256.Sum256([]byte(name))
	m := press.Incoming{Mail: press.Mail{Mailbox: "bounces", Ref: name, Format: press.FormatMessage, At: noon.Add(time.Hour), Raw: []byte("raw " + name)}, Reports: reports}
	copy(m.Key[:], sum[:])
	return m
}

// says is a report about a delivery.
func says(id press.ID, tie press.Tie, kind press.ReportKind, reason press.Reason) press.Tied {
	r := press.Tied{Report: press.Report{Kind: kind, Reason: reason, Class: press.Soft, Diagnostic: "550 no"}, Delivery: id, Tie: tie}
	if kind == press.ReportBounce {
		r.Class = reason.Class()
	}
	return r
}

func (h house) take(in ...press.Incoming) []press.Taken {
	h.t.Helper()
	taken, err := h.TakeMails(h.ctx(), in, noon.Add(time.Hour))
	h.must(err)
	return taken
}

// standing is the one copy of a release, in a state.
func (h house) standing(slug string, state press.State, changes ...func(*press.Delivery)) press.ID {
	h.t.Helper()
	a := h.approve(slug, copyTo("a@paper.example", changes...))
	id := h.of(a, "a@paper.example")
	h.put(state, "id = ?", id)
	return id
}

func (h house) suppressed(address string) string {
	h.t.Helper()
	return strings.Join(list[string](h, `SELECT scope || ': ' || reason || ' by ' || said_by FROM suppressions WHERE address_key = ? ORDER BY scope, author`, keyOf(address)), ", ")
}

func TestAReportMovesItsDeliveryOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.standing("tashkent", press.Accepted)
		m := mail("m1", says(id, press.TieToken, press.ReportBounce, press.ReasonUserUnknown))
		if got := h.take(m, m); got[0] != (press.Taken{Tied: 1, Moved: 1}) || !got[1].Known {
			t.Errorf("taken %+v", got)
		}
		if got := h.take(m); !got[0].Known {
			t.Errorf("once more: %+v", got)
		}
		h.wantState(id, press.Bounced)
		h.wantTrail(id, "accepted>bounced: hard, userunknown: 550 no by report")
		if got := h.suppressed("a@paper.example"); got != "all: bounce: userunknown by report" {
			t.Errorf("suppressed: %q", got)
		}
		all, err := h.Reports(t.Context(), press.ReportFilter{Release: "tashkent", Country: "UZ", Class: press.Hard, Reason: press.ReasonUserUnknown})
		if err != nil || len(all) != 1 || all[0].Delivery != id || all[0].Did != "suppress" || all[0].Domain != "paper.example" || all[0].Mailbox != "bounces" {
			t.Errorf("reports %+v, %v", all, err)
		}
	})
}

// What each kind of report does to a copy, by the key that ties it.
func TestWhatAReportDoes(t *testing.T) {
	type want struct {
		state      press.State
		suppressed bool
		did        press.Consequence
	}
	other := func(r press.Tied) press.Tied { r.Recipient = "elsewhere@other.example"; return r }
	named := func(r press.Tied) press.Tied {
		r.Recipient, r.Original = "elsewhere@other.example", "A@paper.example"
		return r
	}
	cases := map[string]struct {
		from   press.State
		report func(press.ID) press.Tied
		want
	}{
		"hard, by token":            {press.Accepted, bounce(press.TieToken, press.ReasonUserUnknown), want{press.Bounced, true, "suppress"}},
		"hard, of an unknown copy":  {press.Unknown, bounce(press.TieToken, press.ReasonHostUnknown), want{press.Bounced, true, "suppress"}},
		"hard, by ENVID":            {press.Accepted, bounce(press.TieEnvelope, press.ReasonUserUnknown), want{press.Bounced, false, ""}},
		"hard, by Message-ID":       {press.Accepted, bounce(press.TieMessage, press.ReasonUserUnknown), want{press.Bounced, false, ""}},
		"hard, of another address":  {press.Accepted, func(id press.ID) press.Tied { return other(bounce(press.TieToken, press.ReasonUserUnknown)(id)) }, want{press.Bounced, false, "strike"}},
		"hard, of ours by ORCPT":    {press.Accepted, func(id press.ID) press.Tied { return named(bounce(press.TieToken, press.ReasonUserUnknown)(id)) }, want{press.Bounced, true, "suppress"}},
		"soft":                      {press.Accepted, bounce(press.TieToken, press.ReasonMailboxFull), want{press.Bounced, false, "strike"}},
		"a block on us":             {press.Accepted, bounce(press.TieToken, press.ReasonBlocked), want{press.Bounced, false, ""}},
		"after it was delivered":    {press.Delivered, bounce(press.TieToken, press.ReasonExpired), want{press.Bounced, false, "strike"}},
		"of a copy that never left": {press.Planned, bounce(press.TieToken, press.ReasonMailboxFull), want{press.Planned, false, "strike"}},
		"delayed": {press.Accepted, func(id press.ID) press.Tied {
			return says(id, press.TieToken, press.ReportDelayed, press.ReasonExpired)
		}, want{press.Accepted, false, ""}},
		"delivered": {press.Accepted, func(id press.ID) press.Tied {
			return says(id, press.TieToken, press.ReportDelivered, press.ReasonDelivered)
		}, want{press.Delivered, false, "clear"}},
		"relayed": {press.Accepted, func(id press.ID) press.Tied {
			r := says(id, press.TieToken, press.ReportDelivered, press.ReasonDelivered)
			r.Action = "relayed"
			return r
		}, want{press.Accepted, false, ""}},
		"complaint": {press.Delivered, func(id press.ID) press.Tied {
			return says(id, press.TieToken, press.ReportComplaint, press.ReasonFeedback)
		}, want{press.Complained, true, "suppress"}},
		"our signature failed": {press.Delivered, func(id press.ID) press.Tied {
			return says(id, press.TieToken, press.ReportComplaint, press.ReasonAuthFailure)
		}, want{press.Delivered, false, ""}},
		"complaint, by Message-ID": {press.Delivered, func(id press.ID) press.Tied {
			return says(id, press.TieMessage, press.ReportComplaint, press.ReasonFeedback)
		}, want{press.Complained, false, ""}},
		"auto-reply": {press.Accepted, func(id press.ID) press.Tied {
			return says(id, press.TieToken, press.ReportAutoReply, press.ReasonVacation)
		}, want{press.Accepted, false, ""}},
		"delivered, after it bounced": {press.Bounced, func(id press.ID) press.Tied {
			return says(id, press.TieToken, press.ReportDelivered, press.ReasonDelivered)
		}, want{press.Bounced, false, "clear"}},
		"a token of no delivery": {press.Accepted, func(press.ID) press.Tied {
			return says(press.ID{9}, press.TieToken, press.ReportBounce, press.ReasonUserUnknown)
		}, want{press.Accepted, false, ""}},
		"by the address alone":         {press.Accepted, guess(press.ReportBounce, press.ReasonUserUnknown, "a@paper.example"), want{press.Accepted, false, ""}},
		"a complaint, by address only": {press.Accepted, guess(press.ReportComplaint, press.ReasonFeedback, "a@paper.example"), want{press.Accepted, false, ""}},
	}
	eachCase(t, cases, func(t *testing.T, h house, name string, c struct {
		from   press.State
		report func(press.ID) press.Tied
		want
	},
	) {
		id := h.standing("tashkent", c.from)
		h.take(mail(name, c.report(id)))
		h.wantState(id, c.state)
		if got := h.suppressed("a@paper.example"); (got != "") != c.suppressed {
			t.Errorf("suppressed: %q", got)
		}
		if did := get[press.Consequence](h, `SELECT did FROM reports`); did != c.did {
			t.Errorf("it did %q, want %q", did, c.did)
		}
	})
}

func bounce(tie press.Tie, reason press.Reason) func(press.ID) press.Tied {
	return func(id press.ID) press.Tied { return says(id, tie, press.ReportBounce, reason) }
}

func guess(kind press.ReportKind, reason press.Reason, address string) func(press.ID) press.Tied {
	return func(press.ID) press.Tied {
		r := says(press.ID{}, press.TieNone, kind, reason)
		r.Keys = []press.AddressKey{keyOf(address)}
		return r
	}
}

// A report that has no key but an address is about the newest copy that had left
// by then, and within two weeks.
func TestAReportFindsTheNewestCopyOfAnAddress(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.standing("long-ago", press.Accepted, due(noon.Add(-15*24*time.Hour)))
		older := h.standing("older", press.Accepted, due(noon.Add(-48*time.Hour)))
		newest := h.standing("newest", press.Delivered, due(noon.Add(-time.Hour)))
		h.standing("unsent", press.Planned, due(noon))
		h.standing("later", press.Accepted, due(noon.Add(2*time.Hour)))
		r := guess(press.ReportBounce, press.ReasonUserUnknown, "a@paper.example")(press.ID{})
		r.Keys = append([]press.AddressKey{keyOf("nobody@paper.example")}, r.Keys...)
		h.take(mail("m1", r))
		if got := get[press.ID](h, `SELECT delivery_id FROM reports WHERE tie = 'recipient'`); got != newest {
			t.Errorf("it is about %s, want %s", got, newest)
		}
		h.wantState(newest, press.Delivered)
		early := mail("m2", r)
		early.At = noon.Add(-2 * time.Hour)
		h.take(early)
		if got := get[press.ID](h, `SELECT delivery_id FROM reports ORDER BY id DESC LIMIT 1`); got != older {
			t.Errorf("the earlier one is about %s, want %s", got, older)
		}
		h.take(mail("m3", guess(press.ReportBounce, press.ReasonUserUnknown, "nobody@paper.example")(press.ID{})))
		if n := get[int](h, `SELECT COUNT(*) FROM reports WHERE delivery_id IS NULL AND tie = ''`); n != 1 {
			t.Errorf("%d reports are about nobody, want 1", n)
		}
	})
}

func TestAReportThatComesBeforeItsResultIsGivenAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		early := mail("m1", says(id, press.TieToken, press.ReportBounce, press.ReasonUserUnknown))
		if got := h.take(early, mail("m2")); !got[0].Early || got[1] != (press.Taken{}) {
			t.Errorf("taken %+v", got)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM report_mails`); n != 1 {
			t.Errorf("%d mails are written down, want the other one", n)
		}
		h.record(berta, []press.Result{result(id, press.Accepted)})
		if got := h.take(early); got[0].Moved != 1 {
			t.Errorf("then taken %+v", got)
		}
		h.wantState(id, press.Bounced)
	})
}

// softly makes one copy a week to the same mailbox, each of which came back
// softly, or stands in the state that is given for it.
func (h house) softly(first, n int, states map[int]press.State) {
	h.t.Helper()
	for week := first; week < first+n; week++ {
		slug := fmt.Sprintf("week-%02d", week)
		state, other := states[week]
		if !other {
			state = press.Accepted
		}
		id := h.standing(slug, state, due(noon.AddDate(0, 0, 7*week)))
		if !other {
			h.take(mail(slug, says(id, press.TieToken, press.ReportBounce, press.ReasonMailboxFull)))
		}
	}
}

func TestSoftBouncesSuppressAfterManyOverWeeks(t *testing.T) {
	cases := map[string]struct {
		policy press.BouncePolicy
		weeks  int
		states map[int]press.State
		want   bool
	}{
		"four":                              {weeks: 4},
		"five over four weeks":              {weeks: 5, want: true},
		"five with one that arrived before": {weeks: 6, states: map[int]press.State{0: press.Delivered}, want: true},
		"five with one that arrived amid":   {weeks: 6, states: map[int]press.State{3: press.Delivered}},
		"five with one accepted amid":       {weeks: 6, states: map[int]press.State{3: press.Accepted}},
		"one that was never sent amid":      {weeks: 6, states: map[int]press.State{3: press.Skipped}, want: true},
		"five after the one that arrived":   {weeks: 7, states: map[int]press.State{1: press.Accepted}, want: true},
		"two are enough by the policy":      {policy: press.BouncePolicy{SoftCount: 2, SoftSpan: 7 * 24 * time.Hour}, weeks: 2, want: true},
		"the span is too short":             {policy: press.BouncePolicy{SoftCount: 2, SoftSpan: 8 * 24 * time.Hour}, weeks: 2},
	}
	eachCase(t, cases, func(t *testing.T, h house, _ string, c struct {
		policy press.BouncePolicy
		weeks  int
		states map[int]press.State
		want   bool
	},
	) {
		h.must(h.exec(`DELETE FROM settings WHERE name = 'bounce policy'`))
		if c.policy.SoftCount > 0 {
			h.must(h.SetBouncePolicy(t.Context(), c.policy))
		}
		h.softly(0, c.weeks, c.states)
		if got := h.suppressed("a@paper.example"); (got != "") != c.want {
			t.Errorf("suppressed: %q, want %v", got, c.want)
		}
	})
}

func TestASuccessClearsTheSoftBounces(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.softly(0, 4, nil)
		id := h.standing("arrived", press.Accepted, due(noon.AddDate(0, 0, 30)))
		h.take(mail("good news", says(id, press.TieToken, press.ReportDelivered, press.ReasonDelivered)))
		if n := get[int](h, `SELECT COUNT(*) FROM strikes`); n != 0 {
			t.Errorf("%d strikes are left", n)
		}
		h.softly(5, 4, nil)
		if got := h.suppressed("a@paper.example"); got != "" {
			t.Errorf("suppressed by what was cleared: %q", got)
		}
		h.softly(9, 1, nil)
		if got := h.suppressed("a@paper.example"); !strings.HasPrefix(got, "all: 5 soft bounces since ") {
			t.Errorf("suppressed: %q", got)
		}
	})
}

// Two daemons read one mailbox: whoever comes second fails or finds it known,
// and nothing is counted twice.
func TestTheSameMailsTakenAtOnceCountOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		var mails []press.Incoming
		for i := range 20 {
			slug := fmt.Sprintf("release-%02d", i)
			mails = append(mails, mail(slug, says(h.standing(slug, press.Accepted), press.TieToken, press.ReportBounce, press.ReasonMailboxFull)))
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for _, m := range mails {
					for tries := 0; ; tries++ {
						_, err := h.TakeMails(t.Context(), []press.Incoming{m}, noon)
						if err == nil {
							break
						}
						if tries > 10 {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		all.Wait()
		for _, table := range []string{"report_mails", "reports", "events", "strikes"} {
			if n := get[int](h, `SELECT COUNT(*) FROM `+table); n != 20 {
				t.Errorf("%d rows in %s, want 20", n, table)
			}
		}
	})
}

func TestQuarantine(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.standing("tashkent", press.Accepted)
		broken := mail("broken")
		broken.Trouble, broken.To = "it has no header", "bounces+t01@example.org"
		if got := h.take(broken, mail("fine"), broken); !got[2].Known {
			t.Errorf("taken %+v", got)
		}
		all, err := h.Quarantine(t.Context())
		if err != nil || len(all) != 1 || all[0].Trouble != "it has no header" || all[0].Size != len("raw broken") {
			t.Fatalf("quarantine %+v, %v", all, err)
		}
		m, ok, err := h.QuarantinedMail(t.Context(), all[0].ID)
		if err != nil || !ok || string(m.Raw) != "raw broken" || m.To != broken.To || !m.At.Equal(broken.At) {
			t.Errorf("it gives %+v, %v, %v", m, ok, err)
		}
		// What is read at last, but too early, is still there.
		sending := h.sending("astana")
		if got := h.take(mail("broken", says(sending, press.TieToken, press.ReportBounce, press.ReasonUserUnknown))); !got[0].Early {
			t.Errorf("too early: %+v", got)
		}
		if left, err := h.Quarantine(t.Context()); err != nil || len(left) != 1 {
			t.Errorf("what came too early has left the quarantine: %+v, %v", left, err)
		}
		readable := mail("broken", says(id, press.TieToken, press.ReportBounce, press.ReasonUserUnknown))
		if got := h.take(readable); got[0].Moved != 1 {
			t.Errorf("once it can be read: %+v", got)
		}
		if all, err := h.Quarantine(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("it is still in quarantine: %+v, %v", all, err)
		}
		other := mail("other")
		other.Trouble = "it is too deep"
		h.take(other)
		all, err = h.Quarantine(t.Context())
		h.must(err)
		if ok, err := h.DropQuarantined(t.Context(), all[0].ID); err != nil || !ok {
			t.Errorf("dropping: %v, %v", ok, err)
		}
		if ok, err := h.DropQuarantined(t.Context(), all[0].ID); err != nil || ok {
			t.Errorf("dropping once more: %v, %v", ok, err)
		}
		if got := h.take(other); !got[0].Known {
			t.Errorf("a dropped one that comes again: %+v", got)
		}
	})
}

func TestWhatRelaysRefuseIsTakenOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		h.record(berta, []press.Result{{Delivery: id, Outcome: press.Outcome{State: press.Rejected, At: noon, Relay: "main", Verb: "RCPT", Code: 550, Enhanced: "5.1.1", Text: "no such user"}}})
		since := time.Now().Add(-time.Hour) // events are named by the machine's clock
		found, err := h.Refusals(t.Context(), since, 10)
		if err != nil || len(found) != 1 || found[0].Delivery != id || found[0].Code != 550 {
			t.Fatalf("refusals %+v, %v", found, err)
		}
		read := map[press.ID]press.Tied{found[0].ID: says(id, press.TieDialogue, press.ReportBounce, press.ReasonUserUnknown)}
		h.must(h.TakeRefusals(t.Context(), read, noon))
		h.must(h.TakeRefusals(t.Context(), read, noon))
		if n := get[int](h, `SELECT COUNT(*) FROM reports WHERE tie = 'dialogue'`); n != 1 {
			t.Errorf("%d reports, want 1", n)
		}
		h.wantState(id, press.Rejected)
		if got := h.suppressed("a@paper.example"); got == "" {
			t.Error("the mailbox that the relay does not know is not suppressed")
		}
		if found, err := h.Refusals(t.Context(), since, 10); err != nil || len(found) != 0 {
			t.Errorf("it is given once more: %+v, %v", found, err)
		}
	})
}

func TestProposals(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		contact := press.Contact{Name: "Dilnoza", Country: "UZ", Languages: []press.Lang{"ru"}, Addresses: []press.Address{"a@paper.example"}, Source: "test", LegalBasis: "consent"}
		other := press.Contact{Name: "Olim", Country: "UZ", Languages: []press.Lang{"ru"}, Addresses: []press.Address{"taken@paper.example"}, Source: "test", LegalBasis: "consent"}
		_, _, err := h.ImportContacts(t.Context(), batchOf(contact, other), noon)
		h.must(err)
		of := get[press.ID](h, `SELECT contact_id FROM addresses WHERE address_norm = 'a@paper.example'`)
		id := h.standing("tashkent", press.Accepted, func(d *press.Delivery) { d.Contact = of })
		moved := says(id, press.TieToken, press.ReportBounce, press.ReasonHasMoved)
		moved.Proposed = []press.Address{"new@paper.example", "taken@paper.example", "A@paper.example", "third@paper.example"}
		h.take(mail("m1", moved), mail("m2", moved))
		all, err := h.Proposals(t.Context(), false)
		if err != nil || len(all) != 3 || all[0].Address != "new@paper.example" || all[0].Person != "Dilnoza" || all[0].Old != "a@paper.example" {
			t.Fatalf("proposals %+v, %v", all, err)
		}
		if _, err := h.AcceptProposal(t.Context(), all[1].ID, ring.AddressKey, "Olim", noon); err == nil || !strings.Contains(err.Error(), "another contact") {
			t.Errorf("somebody else's address was accepted: %v", err)
		}
		_, err = h.AcceptProposal(t.Context(), all[0].ID, ring.AddressKey, "Olim", noon)
		h.must(err)
		_, err = h.DismissProposal(t.Context(), all[2].ID, "Olim", noon)
		h.must(err)
		if _, err := h.AcceptProposal(t.Context(), all[2].ID, ring.AddressKey, "Olim", noon); err == nil {
			t.Error("a dismissed proposal was accepted")
		}
		got := list[string](h, `SELECT address FROM addresses WHERE contact_id = ? ORDER BY preference`, of)
		if !slices.Equal(got, []string{"new@paper.example", "a@paper.example"}) {
			t.Errorf("the contact's addresses are %v", got)
		}
		if all, err := h.Proposals(t.Context(), false); err != nil || len(all) != 1 {
			t.Errorf("left to decide: %+v, %v", all, err)
		}
	})
}

func TestBlockedCountsWhatIsRefusedForOurSake(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.approve("tashkent", append(copies(10), copyTo("b@wire.example"))...)
		h.put(press.Accepted, "approval_id = ?", a.ID)
		for i, reason := range []press.Reason{press.ReasonBlocked, press.ReasonSpamDetected, press.ReasonBlocked, press.ReasonMailboxFull} {
			id := h.of(a, fmt.Sprintf("desk%05d@paper.example", i))
			h.take(mail(fmt.Sprint(i), says(id, press.TieToken, press.ReportBounce, reason)))
		}
		h.take(mail("wire", says(h.of(a, "b@wire.example"), press.TieToken, press.ReportBounce, press.ReasonBlocked)))
		got, err := h.Blocked(t.Context(), time.Now().Add(-time.Hour), 2)
		if err != nil || len(got) != 1 || got[0].Domain != "paper.example" || got[0].Blocked != 3 || got[0].Sent != 10 || got[0].Share() != 0.3 {
			t.Errorf("blocked %+v, %v", got, err)
		}
	})
}
