package bounce

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

func ring(t *testing.T) press.Keyring {
	t.Helper()
	r, err := press.ParseKeyring(press.FormatKeyring([]byte(strings.Repeat("a", 32)), []byte(strings.Repeat("t", 32))))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTie(t *testing.T) {
	keys := ring(t)
	i := NewIntake(nil, nil, keys, slog.New(slog.DiscardHandler))
	id, other := press.FirstID(time.UnixMilli(1_800_000_000_000)), press.FirstID(time.UnixMilli(1_700_000_000_000))
	token := keys.EnvelopeToken(id)
	forged := token[:len(token)-1] + "2"
	if forged == token {
		forged = token[:len(token)-1] + "3"
	}
	cases := map[string]struct {
		report   press.Report
		delivery press.ID
		tie      press.Tie
		keys     int
	}{
		"a token goes before all":       {press.Report{Token: token, EnvelopeID: other.String(), MessageID: other.String() + "@x.example"}, id, press.TieToken, 0},
		"a token in capitals":           {press.Report{Token: strings.ToUpper(token)}, id, press.TieToken, 0},
		"a forged token, and an ENVID":  {press.Report{Token: forged, EnvelopeID: other.String()}, other, press.TieEnvelope, 0},
		"a forged token alone":          {press.Report{Token: forged, Recipient: "a@paper.example"}, press.ID{}, press.TieNone, 1},
		"an ENVID in capitals":          {press.Report{EnvelopeID: strings.ToUpper(id.String())}, id, press.TieEnvelope, 0},
		"somebody else's ENVID":         {press.Report{EnvelopeID: "QUFBQUFB", MessageID: id.String() + "@x.example"}, id, press.TieMessage, 0},
		"somebody else's Message-ID":    {press.Report{MessageID: "20221104.1234@x.example", Original: "a@paper.example", Recipient: "b@paper.example"}, press.ID{}, press.TieNone, 2},
		"the zero id is nobody's":       {press.Report{EnvelopeID: press.ID{}.String()}, press.ID{}, press.TieNone, 0},
		"nothing at all":                {press.Report{}, press.ID{}, press.TieNone, 0},
		"an address that is none":       {press.Report{Recipient: "not an address"}, press.ID{}, press.TieNone, 1},
		"a Message-ID without a domain": {press.Report{MessageID: id.String()}, id, press.TieMessage, 0},
	}
	for name, c := range cases {
		got := i.tie(c.report)
		if got.Delivery != c.delivery || got.Tie != c.tie || len(got.Keys) != c.keys {
			t.Errorf("%s: %s by %q, %d keys", name, got.Delivery, got.Tie, len(got.Keys))
		}
	}
	if got := i.tie(press.Report{Recipient: "Dilnoza@PAPER.example"}); got.Keys[0] != keys.AddressKey("dilnoza@paper.example") {
		t.Error("an address in capitals has another key")
	}
}

const report = "Received: from a\r\nMessage-ID: <1@mx.example>\r\nDate: Fri, 4 Mar 2022 12:00:00 +0000\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n Mail\r\nTo: b@x.example\r\n\r\nIt did not\r\narrive.\r\n"

// The same mail by another way is the same; one that says something else is not.
func TestSameMail(t *testing.T) {
	of := func(raw string) press.MailKey {
		return sameMail(press.Mail{Format: press.FormatMessage, Raw: []byte(raw)}, press.ID{})
	}
	key := of(report)
	same := map[string]string{
		"bare line feeds":        strings.ReplaceAll(report, "\r\n", "\n"),
		"trace fields":           "Return-Path: <>\r\nDelivered-To: bounces@x.example\r\nReceived: from b\r\n\tby c\r\n" + report,
		"another envelope":       strings.Replace(report, "To: b@x.example", "To: c@x.example", 1),
		"no line end at the end": strings.TrimSuffix(report, "\r\n"),
	}
	for name, raw := range same {
		if of(raw) != key {
			t.Errorf("%s make another mail", name)
		}
	}
	others := map[string]string{
		"another Message-ID": strings.Replace(report, "<1@", "<2@", 1),
		"another body":       strings.Replace(report, "did not", "did", 1),
		"another subject":    strings.Replace(report, " Mail", " Letter", 1),
		"no header":          "x",
		"nothing":            "",
	}
	seen := map[press.MailKey]string{key: "the mail itself"}
	for name, raw := range others {
		if was, twice := seen[of(raw)]; twice {
			t.Errorf("%s is the same as %s", name, was)
		}
		seen[of(raw)] = name
	}
	if sameMail(press.Mail{Format: press.FormatSES, Raw: []byte(report)}, press.ID{}) == key {
		t.Error("a provider's call is the same as a mail")
	}
}

// Mailgun signs each post anew, and what it signs is the same event.
func TestSameEventOfMailgun(t *testing.T) {
	of := func(raw string) press.MailKey {
		return sameMail(press.Mail{Format: press.FormatMailgun, Raw: []byte(raw)}, press.ID{})
	}
	first := of(`{"signature":{"timestamp":"1","token":"a"},"event-data":{"id":"1"}}`)
	if of(`{"signature":{"timestamp":"2","token":"b"},"event-data":{"id":"1"}}`) != first {
		t.Error("another signature makes another event")
	}
	seen := map[press.MailKey]string{}
	for _, raw := range []string{`{"event-data":{"id":"1"}}`, `{"event-data":{"id":"2"}}`, `{"event-data":`, `{}`, ``} {
		if was, twice := seen[of(raw)]; twice {
			t.Errorf("%q is the same as %q", raw, was)
		}
		seen[of(raw)] = raw
	}
}

// Two copies of which a system says the same words are two mails; one copy's is
// one, wherever its token stands and in whatever letters.
func TestSameWordsOfTwoCopies(t *testing.T) {
	keys := ring(t)
	i := NewIntake(nil, nil, keys, slog.New(slog.DiscardHandler))
	const text = "From: postmaster@paper.example\r\nSubject: Mailbox full\r\n\r\nThe mailbox is full.\r\n"
	sender := func(id press.ID) string { return "bounces+" + keys.EnvelopeToken(id) + "@x.example" }
	key := func(to, header string) press.MailKey {
		return i.read(press.Mail{Format: press.FormatMessage, To: press.Address(to), Raw: []byte(header + text)}).Key
	}
	one, two := press.FirstID(time.UnixMilli(1_800_000_000_000)), press.FirstID(time.UnixMilli(1_700_000_000_000))
	first := key(sender(one), "")
	if key(sender(two), "") == first {
		t.Error("a report on another copy is the same mail")
	}
	for name, again := range map[string]press.MailKey{
		"in capitals":               key(strings.ToUpper(sender(one)), ""),
		"in the header":             key("", "Delivered-To: "+sender(one)+"\r\n"),
		"sent on":                   key("inbox@x.example", "To: <"+sender(one)+">\r\n"),
		"in the header in capitals": key("", "To: "+strings.ToUpper(sender(one))+"\r\n"),
	} {
		if again != first {
			t.Errorf("its token %s makes another mail", name)
		}
	}
}
