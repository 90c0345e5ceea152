package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"dateline/internal/sink"
)

// reportCommand writes the report that a mail system would send about the copy
// that the sink has for an address: to the envelope sender that it came with,
// or to somebody else's.
//
//	report KIND ADDRESS FILE [forged]
func reportCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: report KIND ADDRESS FILE [forged]")
	}
	kinds := map[string][3]string{ // action, status, what was said
		"hard":      {"failed", "5.1.1", "550 5.1.1 User unknown"},
		"full":      {"failed", "5.2.2", "552 5.2.2 Mailbox full"},
		"block":     {"failed", "5.7.1", "554 5.7.1 Client host rejected: blocked using zen.example"},
		"delivered": {"delivered", "2.0.0", "250 2.0.0 Ok"},
		"moved":     {"failed", "5.1.6", "551 5.1.6 User has moved; please try new-desk@paper.example"},
	}
	kind, known := kinds[args[0]]
	received := ts.Value(catcherKey{}).(*catcher).received("")
	at := slices.IndexFunc(received, func(r sink.Receipt) bool { return slices.Contains(r.To, args[1]) })
	if !known || at < 0 {
		ts.Fatalf("no report of the kind %s, or no copy for %s", args[0], args[1])
	}
	to, id := received[at].From, received[at].MessageID
	if len(args) > 3 {
		to = "bounces@conference.example"
	}
	path := ts.MkAbs(args[2])
	text := fmt.Sprintf(`From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: %[1]s
Subject: Mail Delivery Report
Message-Id: <%[2]s@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system at host mx.example.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; %[3]s
Action: %[4]s
Status: %[5]s
Diagnostic-Code: smtp; %[6]s

--b
Content-Type: text/rfc822-headers

Message-ID: %[7]s

--b--
`, to, filepath.Base(path), args[1], kind[0], kind[1], kind[2], id)
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	// At once, as whoever delivers to a Maildir does.
	whole := ts.MkAbs("report.tmp")
	ts.Check(os.WriteFile(whole, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600))
	ts.Check(os.Rename(whole, path))
}
