package config

import (
	"crypto/tls"
	"reflect"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestMailboxes(t *testing.T) {
	c, dir := with(t, `dateline.yaml
< senders:
> mailboxes:
>   - {name: account, kind: imap, host: mail.example.org, username: bounces, password: "${RELAY_PASSWORD}"}
>   - {name: old, kind: pop3, host: 127.0.0.1, tls: required, min_tls: 1.3, username: u, password: "${RELAY_PASSWORD}", poll: 10s}
>   - {name: dir, move_to: read, after: move, path: reports, kind: maildir}
>   - {name: door, kind: lmtp, listen: /run/dateline.sock, max_size: 64KiB}
>   - {name: hook, kind: ses, topic_arn: "arn:aws:sns:eu-central-1:123456789012:bounces"}
> webhooks: {listen: ":8026"}
> senders:
< policies:
> policies:
>   bounces: {soft_count: 3, soft_days: 7, alarm_share: 2.5 %, delivery_reports: true}
`)
	base := Mailbox{MinTLS: tls.VersionTLS12, Poll: time.Minute, MaxSize: 1 << 20, Connections: 20, PerMinute: 600}
	like := func(change func(*Mailbox)) Mailbox {
		m := base
		change(&m)
		return m
	}
	want := []Mailbox{
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Host, m.Port, m.TLS, m.Username, m.Password, m.Folder = "account", "imap", "mail.example.org", 993, "implicit", "bounces", NewSecret("relay secret"), "INBOX"
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Host, m.Port, m.TLS, m.MinTLS, m.Username, m.Password, m.Poll = "old", "pop3", "127.0.0.1", 110, "required", tls.VersionTLS13, "u", NewSecret("relay secret"), 10*time.Second
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Path, m.MoveTo = "dir", "maildir", place(dir, "reports"), place(dir, "read")
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Listen, m.MaxSize = "door", "lmtp", "/run/dateline.sock", 64<<10
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.TopicARN = "hook", "ses", "arn:aws:sns:eu-central-1:123456789012:bounces"
		}),
	}
	if !reflect.DeepEqual(c.Mailboxes, want) || c.Webhooks != ":8026" {
		t.Errorf("the mailboxes are\n%+v\nwant\n%+v\nwebhooks %q", c.Mailboxes, want, c.Webhooks)
	}
	policy := Bounces{BouncePolicy: press.BouncePolicy{SoftCount: 3, SoftSpan: 7 * 24 * time.Hour, AlarmShare: 0.025}, DeliveryReports: true}
	if c.Policies.Bounces != policy {
		t.Errorf("the policy is %+v, want %+v", c.Policies.Bounces, policy)
	}
}
