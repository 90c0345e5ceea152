package dsn_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

var statusForm = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})?$`)

// holdsPromises checks what every report promises, whatever was read.
func holdsPromises(t *testing.T, reports []press.Report) {
	t.Helper()
	if len(reports) == 0 {
		t.Error("no report, and no error")
	}
	for _, r := range reports {
		for what, s := range map[string]string{
			"diagnostic": r.Diagnostic, "recipient": string(r.Recipient), "original": string(r.Original), "reporter": r.Reporter,
			"envelope id": r.EnvelopeID, "message id": r.MessageID, "token": r.Token,
		} {
			if len(s) > 1000 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
				t.Errorf("the %s is %d bytes, or no plain line: %q", what, len(s), s)
			}
		}
		if !statusForm.MatchString(r.Status) {
			t.Errorf("status %q", r.Status)
		}
		if r.Code != 0 && (r.Code < 200 || r.Code > 599) {
			t.Errorf("code %d", r.Code)
		}
		switch {
		case r.Class != press.Hard && r.Class != press.Soft:
			t.Errorf("class %q", r.Class)
		case r.Class == press.Hard && (r.Kind != press.ReportBounce || r.Reason.Class() != press.Hard):
			t.Errorf("hard, but %s for %s", r.Kind, r.Reason)
		}
		for _, a := range r.Proposed {
			if _, err := press.ParseAddress(string(a)); err != nil {
				t.Errorf("proposed: %v", err)
			}
		}
	}
}

func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
}

func fuzzFormat(f *testing.F, format press.MailFormat, pattern string) {
	f.Helper()
	seeds(f, pattern)
	f.Fuzz(func(t *testing.T, raw []byte) {
		reports, err := dsn.Read(press.Mail{Format: format, Raw: raw})
		if err == nil {
			holdsPromises(t, reports)
		}
	})
}

func FuzzMessage(f *testing.F) { fuzzFormat(f, press.FormatMessage, "testdata/*/*.eml") }
func FuzzSES(f *testing.F)     { fuzzFormat(f, press.FormatSES, "testdata/event/ses-*.json") }
func FuzzSendGrid(f *testing.F) {
	fuzzFormat(f, press.FormatSendGrid, "testdata/event/sendgrid-*.json")
}

func FuzzPostmark(f *testing.F) {
	fuzzFormat(f, press.FormatPostmark, "testdata/event/postmark-*.json")
}

func FuzzMailgun(f *testing.F) { fuzzFormat(f, press.FormatMailgun, "testdata/event/mailgun-*.json") }

// FuzzStatusFields puts anything where a delivery status stands.
func FuzzStatusFields(f *testing.F) {
	f.Add([]byte("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n"))
	f.Add([]byte("Final-Recipient: utf-8; \\x{110000}@b.example\nAction:\nStatus: 5.1.1.1\n\n\n \nAction: delayed\n"))
	f.Fuzz(func(t *testing.T, fields []byte) {
		raw := append([]byte("From: m@x.example\nContent-Type: message/delivery-status\n\n"), fields...)
		reports, err := dsn.Read(press.Mail{Raw: raw})
		if err != nil {
			t.Fatal(err)
		}
		holdsPromises(t, reports)
	})
}

// FuzzFreeText puts anything where a mail system explains itself.
func FuzzFreeText(f *testing.F) {
	f.Add("<a@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n")
	f.Add("> From: a\n> To: b@c.example\n> Message-ID: <>\n> Subject:\n550-550-550 5.1.1 5.1.1")
	f.Fuzz(func(t *testing.T, text string) {
		reports, err := dsn.Read(press.Mail{Raw: []byte("From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + text)})
		if err != nil {
			t.Fatal(err)
		}
		holdsPromises(t, reports)
	})
}

// FuzzAddresses puts anything where recipients are named.
func FuzzAddresses(f *testing.F) {
	f.Add("<a@b.example>, \"q q\"@c.example, @, a@, a@b, ü@ü.example")
	f.Fuzz(func(t *testing.T, list string) {
		reports, err := dsn.Read(press.Mail{To: press.Address(list), Raw: []byte("From: MAILER-DAEMON@x.example\nX-Failed-Recipients: " + strings.ReplaceAll(list, "\n", " ") + "\n\nfailed\n")})
		if err != nil {
			t.Fatal(err)
		}
		holdsPromises(t, reports)
	})
}

// FuzzParts puts anything inside a multipart message.
func FuzzParts(f *testing.F) {
	f.Add("--a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\n--a--\n", "base64")
	f.Add("--a\nContent-Type: text/html; charset=koi8-r\n\n<br<p><style>x", "quoted-printable")
	f.Fuzz(func(t *testing.T, body, encoding string) {
		encoding = strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, encoding)
		reports, err := dsn.Read(press.Mail{Raw: []byte("From: m@x.example\nContent-Type: multipart/report; boundary=a\nContent-Transfer-Encoding: " + encoding + "\n\n" + body)})
		if err != nil {
			t.Fatal(err)
		}
		holdsPromises(t, reports)
	})
}

func FuzzClassify(f *testing.F) {
	f.Add(550, "5.1.1", "no such user")
	f.Fuzz(func(t *testing.T, code int, status, text string) {
		reason, class := dsn.Classify(code, status, text)
		if class != reason.Class() {
			t.Errorf("%s is %s", reason, class)
		}
	})
}
