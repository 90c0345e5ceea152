package config

import (
	"crypto/tls"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dateline/internal/yamlfile"
)

// Mailbox is a way by which bounces, complaints and replies come in.
type Mailbox struct {
	Name string
	Kind string // imap, pop3, maildir, smtp, lmtp, ses, sendgrid, postmark or mailgun

	// Of an account, by IMAP or POP3.
	Host     string
	Port     int    // default 993 and 995, with STARTTLS 143 and 110
	TLS      string // implicit (default), required (STARTTLS), none
	MinTLS   uint16 // a version of crypto/tls; default tls.VersionTLS12
	CAFile   string // absolute; empty for the system's certificates
	Username string // of Postmark's webhook, too
	Password Secret
	Folder   string // of IMAP; default INBOX

	Path   string        // of a Maildir; absolute
	MoveTo string        // an IMAP folder, or a Maildir (absolute), for what was read; empty: it is deleted
	Poll   time.Duration // how often it is looked at in any case; default 1m

	// Of a listener, by SMTP or LMTP.
	Listen      string // HOST:PORT, or for LMTP the absolute path of a socket
	Hello       string // default the host's own name
	Cert, Key   string // absolute; empty for no STARTTLS
	MaxSize     int64  // bytes; default 1 MiB
	Connections int    // at once; default 20
	PerMinute   int    // messages; default 600

	TopicARN   string // of SES
	PublicKey  string // of SendGrid
	SigningKey Secret // of Mailgun
}

// Webhook tells whether reports come in by a provider's calls.
func (m Mailbox) Webhook() bool {
	return slices.Contains([]string{"ses", "sendgrid", "postmark", "mailgun"}, m.Kind)
}

// Polled tells whether it is looked at again and again, and not waited at.
func (m Mailbox) Polled() bool {
	return slices.Contains([]string{"imap", "pop3", "maildir"}, m.Kind)
}

// mailboxDraft is a mailbox while it is read.
type mailboxDraft struct {
	Mailbox
	allowPlaintext bool
	minTLS         string
	after          string
}

// mailboxes reads the list.
func (r *reader) mailboxes(n yamlfile.Node) []Mailbox {
	var all []Mailbox
	for _, item := range items(n, "mailboxes") {
		d := mailboxDraft{Mailbox: Mailbox{MinTLS: tls.VersionTLS12, Poll: time.Minute, MaxSize: 1 << 20, Connections: 20, PerMinute: 600}}
		found := decode(r, item, "the mailbox", mailboxKeys(), &d)
		if found == nil {
			continue
		}
		if d.Kind == "maildir" && d.MoveTo != "" {
			d.MoveTo = r.absolute(filepath.FromSlash(d.MoveTo))
		}
		d.fill(found)
		checkMailbox(item, &d, found)
		checkBeside(d.Mailbox, all, found)
		all = append(all, d.Mailbox)
	}
	return all
}

// fill puts in what hangs on other keys. A word that is faulty stays empty.
func (d *mailboxDraft) fill(found map[string]yamlfile.Node) {
	if d.minTLS == "1.3" {
		d.MinTLS = tls.VersionTLS13
	}
	if d.Kind != "imap" && d.Kind != "pop3" {
		return
	}
	if _, says := found["tls"]; !says {
		d.TLS = "implicit"
	}
	if d.Kind == "imap" && (d.Folder == "" || strings.EqualFold(d.Folder, inbox)) {
		d.Folder = inbox
	}
	switch {
	case d.Port != 0:
	case d.Kind == "imap" && d.TLS == "implicit":
		d.Port = 993
	case d.Kind == "imap":
		d.Port = 143
	case d.TLS == "implicit":
		d.Port = 995
	default:
		d.Port = 110
	}
}

// inbox is the one folder whose name has no case (RFC 9051, 5.1).
const inbox = "INBOX"
