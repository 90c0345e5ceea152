package dsn_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

func TestAnswersAreClassified(t *testing.T) {
	for _, c := range []struct {
		code   int
		status string
		text   string
		want   press.Reason
	}{
		// The address is dead.
		{550, "5.1.1", "", press.ReasonUserUnknown},
		{550, "5.1.1", "<kit@daily.example.com>: Recipient address rejected: User unknown in local recipient table", press.ReasonUserUnknown},
		{550, "", "No such user here", press.ReasonUserUnknown},
		{550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient kit@daily.example.com not found by SMTP address lookup", press.ReasonUserUnknown},
		{550, "5.4.1", "5.4.1 Recipient address rejected: Access denied", press.ReasonUserUnknown},
		{550, "5.1.2", "Host unknown", press.ReasonHostUnknown},
		{551, "5.1.6", "The recipient has moved to kit@weekly.example.net", press.ReasonHasMoved},
		{556, "5.1.10", "Recipient address has null MX", press.ReasonNotAccept},
		{521, "", "Host does not accept mail", press.ReasonNotAccept},
		// A 5.x.x alone proves nothing.
		{550, "", "", press.ReasonUndefined},
		{550, "5.0.0", "no", press.ReasonOnHold},
		{550, "5.7.1", "Message rejected", press.ReasonPolicyViolation},
		{550, "5.1.1", "Rejected: your IP is listed by zen.spamhaus.org", press.ReasonBlocked},
		{550, "5.1.1", "user unknown; mailbox full", press.ReasonMailboxFull},
		{550, "", "Sender address rejected: user unknown", press.ReasonRejected},
		{550, "", "Requested action not taken: mailbox unavailable", press.ReasonFiltered},
		{550, "", "User unknown (in reply to end of DATA command)", press.ReasonFiltered},
		{550, "5.7.1", "Relaying denied", press.ReasonNoRelaying},
		{554, "5.7.1", "This message looks like spam", press.ReasonSpamDetected},
		{550, "5.7.26", "did not pass DMARC", press.ReasonAuthFailure},
		{552, "5.2.2", "over quota", press.ReasonMailboxFull},
		{552, "5.3.4", "Message too big", press.ReasonMesgTooBig},
		{550, "5.2.1", "This mailbox is disabled", press.ReasonSuspend},
		{450, "4.1.2", "Recipient address rejected: Domain not found", press.ReasonNetworkError},
		{421, "4.7.0", "Too many connections from your host", press.ReasonTooManyConn},
		{451, "4.7.1", "Greylisting in action, please come back later", press.ReasonPolicyViolation},
		{450, "4.7.25", "no reverse DNS", press.ReasonRequirePTR},
		{250, "2.1.5", "ok", press.ReasonDelivered},
		// Other languages, and replies of several lines.
		{550, "", "нет такого пользователя", press.ReasonUserUnknown},
		{550, "", "Empfänger unbekannt", press.ReasonUserUnknown},
		{550, "", "用户不存在", press.ReasonUserUnknown},
		{552, "", "Ящик получателя переполнен", press.ReasonMailboxFull},
		{550, "5.1.1", "550-5.1.1 The email account that you tried to reach does\n550-5.1.1 not exist.", press.ReasonUserUnknown},
	} {
		reason, class := dsn.Classify(c.code, c.status, c.text)
		if reason != c.want || class != c.want.Class() {
			t.Errorf("%d %s %s: %s (%s), want %s", c.code, c.status, c.text, reason, class, c.want)
		}
	}
}

func TestWhatSpeaksOfUsIsNeverHard(t *testing.T) {
	ours := []string{"blocked using a blocklist", "your IP has a poor reputation", "SPF check failed", "no PTR record", "message identified as spam", "sender address rejected", "too many connections", "relay access denied"}
	dead := []string{"no such user", "user unknown", "host unknown", "invalid recipient"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(ours).Draw(t, "ours")
		if rapid.Bool().Draw(t, "both") {
			text = rapid.SampledFrom(dead).Draw(t, "dead") + "; " + text
		}
		status := rapid.SampledFrom([]string{"", "5.1.1", "5.0.0", "5.7.1", "4.1.1"}).Draw(t, "status")
		if reason, class := dsn.Classify(550, status, strings.ToUpper(text)); class == press.Hard {
			t.Fatalf("%s %s is %s, hard", status, text, reason)
		}
	})
}

func TestEveryReasonOfTheTableIsOfTheClosedSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		status := rapid.StringMatching(`[245]\.[0-9]\.[0-9]{1,2}`).Draw(t, "status")
		reason, _ := dsn.Classify(rapid.IntRange(0, 700).Draw(t, "code"), status, rapid.String().Draw(t, "text"))
		for _, known := range press.Reasons() {
			if reason == known {
				return
			}
		}
		t.Fatalf("%q is no reason", reason)
	})
}
