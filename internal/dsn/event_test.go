package dsn_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

func readEvent(t *testing.T, name string) []press.Report {
	t.Helper()
	raw, err := os.ReadFile("testdata/event/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	format, _, _ := strings.Cut(name, "-")
	reports, err := dsn.Read(press.Mail{Format: press.MailFormat(format), Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	holdsPromises(t, reports)
	return reports
}

func TestProvidersEventsReadAsReports(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   press.ReportKind
		reason press.Reason
		keys   bool
	}{
		{"ses-unknown", press.ReportBounce, press.ReasonUserUnknown, true},
		{"ses-envelope", press.ReportBounce, press.ReasonUserUnknown, true},
		{"ses-policy", press.ReportBounce, press.ReasonPolicyViolation, true},
		{"ses-full", press.ReportBounce, press.ReasonMailboxFull, true},
		{"ses-suppressed", press.ReportBounce, press.ReasonSuspend, true},
		{"ses-complaint", press.ReportComplaint, press.ReasonFeedback, true},
		{"ses-delivery", press.ReportDelivered, press.ReasonDelivered, true},
		{"ses-delay", press.ReportDelayed, press.ReasonExpired, true},
		{"ses-open", press.ReportOther, press.ReasonUndefined, false},
		{"postmark-hard", press.ReportBounce, press.ReasonUserUnknown, true},
		{"postmark-hard-policy", press.ReportBounce, press.ReasonPolicyViolation, true},
		{"postmark-spam", press.ReportBounce, press.ReasonSpamDetected, true},
		{"postmark-auto", press.ReportAutoReply, press.ReasonVacation, true},
		{"postmark-transient", press.ReportDelayed, press.ReasonOnHold, true},
		{"postmark-complaint", press.ReportComplaint, press.ReasonFeedback, true},
		{"postmark-delivery", press.ReportDelivered, press.ReasonDelivered, false},
		{"mailgun-unknown", press.ReportBounce, press.ReasonUserUnknown, true},
		{"mailgun-policy", press.ReportBounce, press.ReasonSpamDetected, true},
		{"mailgun-suppressed", press.ReportBounce, press.ReasonSuspend, true},
		{"mailgun-temporary", press.ReportDelayed, press.ReasonMailboxFull, true},
		{"mailgun-complained", press.ReportComplaint, press.ReasonFeedback, true},
		{"mailgun-delivered", press.ReportDelivered, press.ReasonDelivered, true},
		{"mailgun-opened", press.ReportOther, press.ReasonUndefined, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := readEvent(t, c.name)[0]
			if r.Kind != c.kind || r.Reason != c.reason {
				t.Errorf("%s for %s, want %s for %s: %+v", r.Kind, r.Reason, c.kind, c.reason, r)
			}
			if c.keys && (r.Recipient != "kit@daily.example.com" || r.MessageID != "m1@press.example.org" || r.Token != token) {
				t.Errorf("its keys: %+v", r)
			}
		})
	}
}

func TestSendGridsArrayIsAReportPerEvent(t *testing.T) {
	var got []string
	for _, r := range readEvent(t, "sendgrid-all") {
		got = append(got, string(r.Kind)+" "+string(r.Reason))
	}
	want := "bounce userunknown, bounce blocked, delayed mailboxfull, delivered delivered, complaint feedback, bounce suspend"
	if strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	for _, c := range []struct {
		what, raw, says string
		format          press.MailFormat
	}{
		{"an empty message", "", "empty", ""},
		{"a message without a header", "no header here\n", "no header", ""},
		{"an unknown format", "{}", "not known", "pigeon"},
		{"an empty event", " ", "empty", press.FormatSES},
		{"broken JSON", `{"event-data":`, "no JSON", press.FormatMailgun},
		{"JSON of another shape", `{"event":"bounce"}`, "array of events", press.FormatSendGrid},
		{"an event too large", `"` + strings.Repeat("x", 11<<20) + `"`, "at most", press.FormatPostmark},
	} {
		_, err := dsn.Read(press.Mail{Format: c.format, Raw: []byte(c.raw)})
		var unreadable *dsn.Unreadable
		if !errors.As(err, &unreadable) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an Unreadable that says %q", c.what, err, c.says)
		}
	}
}
