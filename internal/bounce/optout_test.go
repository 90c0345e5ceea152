package bounce_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

func plainMail(ref, envelope, header string) press.Mail {
	return press.Mail{
		Mailbox: "bounces", Ref: ref, Format: press.FormatMessage, To: press.Address(envelope), At: time.Now(),
		Raw: []byte("From: reader@paper.example\r\n" + header + "Subject: unsubscribe\r\nMessage-Id: <" + ref + "@paper.example>\r\n\r\nunsubscribe\r\n"),
	}
}

// A mail to the address in List-Unsubscribe opts its copy's reader out, by
// whatever header a mailbox keeps it in; one to the envelope's sender, or with
// the token anywhere else, does not.
func TestMailThatOptsOut(t *testing.T) {
	s := newShelf()
	intake, keys := newIntake(t, s)
	id := press.ID{9, 9}
	out, bounce := "bounces+"+keys.OptOutToken(id)+"@conference.example", "bounces+"+keys.EnvelopeToken(id)+"@conference.example"
	for name, x := range map[string]struct {
		mail press.Mail
		asks bool
	}{
		"by the envelope":           {plainMail("a", out, "To: somebody@else.example\r\n"), true},
		"in capitals":               {plainMail("b", strings.ToUpper(out), ""), true},
		"by Delivered-To":           {plainMail("c", "", "Delivered-To: <"+out+">\r\nTo: x@y.example\r\n"), true},
		"by To":                     {plainMail("d", "", "To: Press <"+out+">\r\n"), true},
		"a bounce's token":          {plainMail("e", bounce, ""), false},
		"in the subject alone":      {plainMail("f", "", "To: x@y.example\r\nX-Note: "+out+"\r\n"), false},
		"the envelope has another":  {plainMail("g", bounce, "To: "+out+"\r\n"), false},
		"a forged one":              {plainMail("h", "bounces+"+strings.Repeat("a", 45)+"@conference.example", ""), false},
		"a report in its place":     {notice("i", out, "a@b.example", "5.1.1", "no such user"), false},
		"a mail without any header": {press.Mail{Ref: "j", Format: press.FormatMessage, Raw: []byte("\r\n\r\nhello")}, false},
	} {
		s.out = nil
		if err := intake.Take(t.Context(), x.mail); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if asked := slices.Equal(s.out, []press.ID{id}); asked != x.asks || len(s.out) > 1 {
			t.Errorf("%s: opted out %v", name, s.out)
		}
		taken := 0
		for _, in := range s.taken {
			if in.Ref == x.mail.Ref && len(in.Reports) == 1 && in.Reports[0].Kind == press.ReportOptOut {
				taken++
			}
		}
		if (taken == 1) != x.asks {
			t.Errorf("%s: taken %d times as an opt-out", name, taken)
		}
	}
}

// While what they asked for cannot be kept, the mail stays where it is.
func TestMailThatOptsOutIsGivenAgain(t *testing.T) {
	s := newShelf()
	intake, keys := newIntake(t, s)
	s.closed = errors.New("the store is gone")
	if err := intake.Take(t.Context(), plainMail("a", "bounces+"+keys.OptOutToken(press.ID{9})+"@conference.example", "")); !errors.Is(err, s.closed) || len(s.taken) > 0 {
		t.Errorf("%v; %d taken", err, len(s.taken))
	}
}
