package dsn_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

const daemonHead = "From: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n"

func TestTheWorstInputIsReadInTime(t *testing.T) {
	const size = 2 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	nested := strings.Builder{}
	for i := range 1000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	status := "From: m@x.example\nContent-Type: message/delivery-status\n\n"
	for what, raw := range map[string]string{
		"addresses":          daemonHead + "\n" + fill("a@b.example\n"),
		"at signs":           daemonHead + "\n" + fill("@"),
		"plus signs":         daemonHead + "\n" + fill("+a01"),
		"plus signs above":   daemonHead + fill("Received: +a01+a01\n"),
		"styles":             daemonHead + "Content-Type: text/html\n\n" + fill("<style>"),
		"tags":               daemonHead + "Content-Type: text/html\n\n" + fill("<"),
		"a folded field":     daemonHead + "To: x\n" + fill(" y\n") + "\n",
		"many fields":        daemonHead + fill("To: x\n") + "\n",
		"copies":             daemonHead + "\n" + fill("From: x\n\n"),
		"dashes":             daemonHead + "Content-Type: multipart/report; boundary=zz\n\n" + fill("--\n"),
		"parts":              daemonHead + "Content-Type: multipart/report; boundary=z\n\n" + fill("--z\n\nx\n"),
		"nesting":            "From: m@x.example\n" + nested.String(),
		"paragraphs":         daemonHead + "\n" + fill("a\n\n"),
		"codes":              daemonHead + "\n" + fill("550 5.1.1 "),
		"message ids":        daemonHead + "\n" + fill("Message-ID:\n"),
		"recipients":         status + fill("Final-Recipient: rfc822;a@b.example\n\n"),
		"status lines":       status + fill("no field\n"),
		"encoded words":      daemonHead + "Subject: " + fill("=?utf-8?q?=41?= ") + "\n\n",
		"quoted-printable":   daemonHead + "Content-Transfer-Encoding: quoted-printable\n\n" + fill("= "),
		"one long line":      daemonHead + "\n" + fill("x"),
		"NULs":               daemonHead + "\n" + fill("\x00"),
		"eight-bit rubbish":  daemonHead + "\n" + fill("\xff\xc0\x80"),
		"twelve MiB of text": daemonHead + "\n" + strings.Repeat("550 no\n", 12<<20/7),
	} {
		t.Run(what, func(t *testing.T) {
			start := time.Now()
			reports, err := dsn.Read(press.Mail{Raw: []byte(raw)})
			if err != nil {
				t.Fatal(err)
			}
			holdsPromises(t, reports)
			if len(reports) > 100 {
				t.Errorf("%d reports of one message", len(reports))
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestBrokenMessagesAreReadAllTheSame(t *testing.T) {
	fields := "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; kit@daily.example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
	for what, raw := range map[string]string{
		"no boundary parameter": "From: m@x.example\r\nContent-Type: multipart/report\r\n\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\n" + fields + "\r\n--q--\r\n",
		"another boundary":      "From: m@x.example\r\nContent-Type: multipart/report; boundary=\"p\"\r\n\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\n" + fields,
		"no parts at all":       "From: m@x.example\r\nContent-Type: multipart/report; boundary=p\r\n\r\n" + fields,
		"base64":                "From: m@x.example\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGtpdEBkYWlseS5leGFtcGxlLmNvbQpBY3Rpb246IGZh\naWxlZApTdGF0dXM6IDUuMS4xCkRpYWdub3N0aWMtQ29kZTogc210cDsgNTUwIDUuMS4xIG5vIHN1\nY2ggdXNlcgo=",
		"lone CRs and NULs":     strings.ReplaceAll("From: m@x.example\r\n\x00Content-Type: message/delivery-status\r\n\r\n"+fields, "\r\n", "\r"),
		"an mbox separator":     "From MAILER-DAEMON Mon Oct  5 10:00:00 2026\nFrom: m@x.example\nContent-Type: message/delivery-status\n\n" + fields,
		"forwarded":             "From: kit@x.example\nContent-Type: multipart/mixed; boundary=f\n\n--f\n\nlook\n--f\nContent-Type: message/rfc822\n\nFrom: m@x.example\nContent-Type: multipart/report; boundary=r\n\n--r\nContent-Type: message/delivery-status\n\n" + fields + "\n--r--\n--f--\n",
		"quoted":                "From: kit@x.example\nSubject: Fwd: returned\n\nlook:\n\n> " + strings.ReplaceAll(strings.ReplaceAll(fields, "\r", ""), "\n", "\n> "),
	} {
		t.Run(what, func(t *testing.T) {
			reports, err := dsn.Read(press.Mail{Raw: []byte(raw)})
			if err != nil {
				t.Fatal(err)
			}
			r := reports[0]
			if r.Recipient != "kit@daily.example.com" || r.Class != press.Hard || r.Status != "5.1.1" || r.Code != 550 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestTheTokenIsFoundWhereverItWentAndInAnyCase(t *testing.T) {
	address := "bounces+" + token + "@press.example.org"
	for what, m := range map[string]press.Mail{
		"envelope recipient": {To: press.Address(strings.ToUpper(address)), Raw: []byte("From: a@b.example\n\nhi\n")},
		"Delivered-To":       {Raw: []byte("Delivered-To: " + strings.ToUpper(address) + "\n\nhi\n")},
		"To":                 {Raw: []byte("To: Bounces <" + address + ">\n\nhi\n")},
		"the copy":           {Raw: []byte(daemonHead + "\nreturned:\n\nReturn-Path: <" + address + ">\nFrom: a@b.example\nTo: c@d.example\nSubject: x\n")},
		"the words":          {Raw: []byte(daemonHead + "\nThe sender " + address + " was told.\n")},
		"forwarded":          {To: "someone@else.example", Raw: []byte("Delivered-To: someone@else.example\nX-Original-To: " + address + "\n\nhi\n")},
	} {
		t.Run(what, func(t *testing.T) {
			reports, err := dsn.Read(m)
			if err != nil || reports[0].Token != token {
				t.Errorf("token %q, %v", reports[0].Token, err)
			}
		})
	}
	reports, err := dsn.Read(press.Mail{Raw: []byte("To: bounces+" + token + "x@press.example.org\n\nhi\n")})
	if err != nil || reports[0].Token != "" {
		t.Errorf("a longer word passes for a token: %q, %v", reports[0].Token, err)
	}
}

func TestKeysAreOfTheCopyNeverOfTheReport(t *testing.T) {
	for what, c := range map[string]struct{ raw, id, envelope string }{
		"an answer":     {"From: a@b.example\nMessage-ID: <own@b.example>\nIn-Reply-To: <ours@p.example>\n\nhi\n", "ours@p.example", ""},
		"its own alone": {daemonHead + "Message-ID: <own@b.example>\n\n<k@d.example>: user unknown\n", "", ""},
		"ENVID":         {"From: a@b.example\nContent-Type: message/delivery-status\n\nOriginal-Envelope-Id: d+3D7+2Bx\n\nFinal-Recipient: rfc822;k@d.example\nAction: failed\nStatus: 5.0.0\n", "", "d=7+x"},
		"a quotation":   {daemonHead + "\nuser unknown: k@d.example\n\n> From: p@p.example\n> To: k@d.example\n> Message-ID:\n>  <ours@p.example>\n> Subject: x\n", "ours@p.example", ""},
	} {
		t.Run(what, func(t *testing.T) {
			reports, err := dsn.Read(press.Mail{Raw: []byte(c.raw)})
			if err != nil || reports[0].MessageID != c.id || reports[0].EnvelopeID != c.envelope {
				t.Errorf("%+v, %v", reports[0], err)
			}
		})
	}
}
