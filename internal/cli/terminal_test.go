package cli_test

import (
	"os"
	"strings"
	"testing"
)

// hostile is what a terminal would obey: a colour, a title, a cursor that goes up,
// a control character of eight bits, and letters that run backwards.
const hostile = "Ann\x1b[2J\x1b]0;owned\x07\u009b1A\u202e\u0007 Lee"

// No text of a stranger's steers the terminal of whoever reads it: neither a
// contact's name, nor what is wrong with it, nor what comes back.
func TestNobodySteersTheTerminal(t *testing.T) {
	in := install(t, "sqlite:../state/dateline.db", 1)
	said := func(args ...string) string {
		t.Helper()
		out, _ := in.command(args...).CombinedOutput() // what is refused is said, too
		return string(out)
	}
	contacts := "name,email,outlet,outlet_kind,country,languages,legal_basis,source\n" +
		hostile + ",ann@paper.example," + hostile + ",newspaper,KZ,ru,consent,form\n" +
		"Lee,lee" + hostile + "@paper.example,Paper,newspaper,KZ,ru,consent,form\n"
	in.must(os.WriteFile(in.path("hostile.csv"), []byte(contacts), 0o600))
	in.must(os.WriteFile(in.path("bounce.eml"), []byte("From: mailer-daemon@paper.example\r\nTo: press@conference.example\r\nSubject: "+hostile+"\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"+
		"--b\r\n\r\n"+hostile+"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a"+hostile+"@paper.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 "+hostile+"\r\n--b--\r\n"), 0o600))
	for _, args := range [][]string{
		{"contacts", "import", "hostile.csv"},
		{"contacts", "import", "hostile.csv", "--partial"},
		{"contacts", "list"},
		{"contacts", "list", "--json", "--list", "x"},
		{"bounce", "read", "bounce.eml"},
		{"bounce", "read", "bounce.eml", "--json"},
		{"plan", "alpha"},
		{"plan", hostile},
		{"check", hostile},
		{hostile},
		{"log", "--release", hostile},
	} {
		out := said(args...)
		if out == "" {
			t.Errorf("dateline %.20q said nothing", args)
		}
		for _, bad := range []string{"\x1b", "\x07", "\u009b", "\u202e"} {
			if strings.Contains(out, bad) {
				t.Errorf("dateline %.30q says %q to the terminal:\n%q", args, bad, out)
				break
			}
		}
	}
}
