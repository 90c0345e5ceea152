package config

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net"
	"path/filepath"
	"slices"
	"strconv"
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

// mailboxDraft is a mailbox while it is read.
type mailboxDraft struct {
	Mailbox
	allowPlaintext bool
	minTLS         string
	after          string
}

// mailboxes reads the list. Where a provider calls, something must listen.
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
		d.fill()
		r.checkMailbox(item, &d, found)
		if slices.ContainsFunc(all, func(o Mailbox) bool { return o.Name == d.Name && d.Name != "" }) {
			found["name"].Fault("a mailbox of the name `"+d.Name+"` stands above", "each mailbox has a name of its own")
		}
		all = append(all, d.Mailbox)
	}
	return all
}

// fill puts in what hangs on other keys.
func (d *mailboxDraft) fill() {
	if d.minTLS == "1.3" {
		d.MinTLS = tls.VersionTLS13
	}
	if d.Kind != "imap" && d.Kind != "pop3" {
		return
	}
	if d.TLS == "" {
		d.TLS = "implicit"
	}
	if d.Kind == "imap" && d.Folder == "" {
		d.Folder = "INBOX"
	}
	if d.Port == 0 {
		d.Port = map[string]int{"imap implicit": 993, "imap": 143, "pop3 implicit": 995, "pop3": 110}[strings.TrimSuffix(strings.TrimSuffix(d.Kind+" "+d.TLS, " required"), " none")]
	}
}

// checkMailbox holds a mailbox's keys against its kind and each other.
func (r *reader) checkMailbox(n yamlfile.Node, d *mailboxDraft, found map[string]yamlfile.Node) {
	if d.Kind == "" {
		return // it has no kind, or one that is faulty
	}
	fits, needs := keysOfKind(d.Kind)
	for name, at := range found {
		if name != "name" && name != "kind" && !slices.Contains(fits, name) {
			at.Fault("`"+name+"` does nothing with `kind: "+d.Kind+"`", "its keys are "+strings.Join(fits, ", "))
		}
	}
	for _, name := range needs {
		either := strings.Split(name, "|")
		if !slices.ContainsFunc(either, func(one string) bool { _, ok := found[one]; return ok }) {
			n.Fault("the mailbox has no `"+strings.Join(either, "` or `")+"`", "`kind: "+d.Kind+"` needs it")
		}
	}
	for _, pair := range [][2]string{{"password", "password_file"}, {"signing_key", "signing_key_file"}} {
		second, twice := found[pair[1]]
		if _, ok := found[pair[0]]; ok && twice {
			second.Fault("`"+pair[0]+"` and `"+pair[1]+"` stand together", "one of them is wanted")
		}
	}
	checkAccount(d, found)
	checkMove(d, found)
	checkListener(d, found)
}

// keysOfKind gives the keys that a kind may have, and those that it must, where
// one of several is enough parted by a bar.
func keysOfKind(kind string) (fits, needs []string) {
	account := []string{"host", "port", "tls", "allow_plaintext", "min_tls", "ca_file", "username", "password", "password_file", "poll"}
	switch kind {
	case "imap":
		return append(account, "folder", "after", "move_to"), []string{"host", "username", "password|password_file"}
	case "pop3":
		return account, []string{"host", "username", "password|password_file"}
	case "maildir":
		return []string{"path", "after", "move_to", "poll"}, []string{"path"}
	case "smtp", "lmtp":
		return []string{"listen", "hello", "cert", "key", "max_size", "connections", "per_minute"}, []string{"listen"}
	case "ses":
		return []string{"topic_arn"}, []string{"topic_arn"}
	case "sendgrid":
		return []string{"public_key"}, []string{"public_key"}
	case "postmark":
		return []string{"username", "password", "password_file"}, []string{"username", "password|password_file"}
	default:
		return []string{"signing_key", "signing_key_file"}, []string{"signing_key|signing_key_file"}
	}
}

// checkAccount keeps a password from going over the network in plain text.
func checkAccount(d *mailboxDraft, found map[string]yamlfile.Node) {
	switch {
	case d.TLS == "none" && d.Host != "" && !loopback(d.Host) && !d.allowPlaintext:
		found["tls"].Fault("`tls: none` would tell the password to "+d.Host+" in plain text", "`tls: implicit` or `required` is wanted, or `allow_plaintext: true` beside it")
	case d.TLS != "none" && d.allowPlaintext:
		found["allow_plaintext"].Fault("`allow_plaintext` does nothing with `tls: "+d.TLS+"`", "it goes with `tls: none`")
	}
}

// checkMove holds where what was read goes against what becomes of it.
func checkMove(d *mailboxDraft, found map[string]yamlfile.Node) {
	after, says := found["after"]
	to, moves := found["move_to"]
	switch {
	case d.after == "move" && !moves:
		after.Fault("`after: move` stands without where to", "`move_to` goes with it")
	case d.after != "move" && moves && says:
		to.Fault("`move_to` does nothing with `after: delete`", "it goes with `after: move`")
	case d.after != "move" && moves:
		to.Fault("`move_to` stands without `after: move`", "`after: move` goes with it")
	case moves && d.Kind == "imap" && d.MoveTo == d.Folder, moves && d.Kind == "maildir" && d.MoveTo == d.Path:
		to.Fault("what was read would stay where it is", "another folder is wanted")
	}
}

// checkListener holds the keys of a listener against each other.
func checkListener(d *mailboxDraft, found map[string]yamlfile.Node) {
	cert, hasCert := found["cert"]
	key, hasKey := found["key"]
	switch {
	case hasCert && !hasKey:
		cert.Fault("`cert` stands without its key", "`key` goes with it")
	case hasKey && !hasCert:
		key.Fault("`key` stands without its certificate", "`cert` goes with it")
	case d.Cert != "" && d.Key != "":
		// The error may quote the key; it is not shown.
		if _, err := tls.LoadX509KeyPair(d.Cert, d.Key); err != nil {
			key.Fault("`cert` and `key` are no pair", "a certificate in PEM form and its own private key, not encrypted, are wanted")
		}
	}
	if listen, ok := found["listen"]; ok && isSocket(d.Listen) && d.Kind == "smtp" {
		listen.Fault("`kind: smtp` does not listen at a socket", "HOST:PORT is wanted, or `kind: lmtp`")
	}
}

// listenAt reads HOST:PORT, or the path of a socket.
func (r *reader) listenAt(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok || isSocket(s) {
		return s, ok
	}
	return r.hostPort(n)
}

// hostPort reads an address to listen at.
func (r *reader) hostPort(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	host, port, err := net.SplitHostPort(s)
	number, notNumber := strconv.Atoi(port)
	if err != nil || notNumber != nil || number < 1 || number > 65535 || (host != "" && net.ParseIP(host) == nil && !hostName(host)) {
		n.Fault("`"+shown(s)+"` is nothing to listen at", "HOST:PORT is wanted, such as 127.0.0.1:8026")
		return "", false
	}
	return s, true
}

// size reads how large a message may be.
func (r *reader) size(n yamlfile.Node) (int64, bool) {
	s, ok := r.line(n)
	if !ok {
		return 0, false
	}
	for i, unit := range []string{"KiB", "MiB"} {
		if number, is := strings.CutSuffix(s, unit); is {
			v, err := strconv.ParseUint(strings.TrimSpace(number), 10, 16)
			if bytes := int64(v) << (10 * (i + 1)); err == nil && bytes >= 64<<10 && bytes <= 64<<20 {
				return bytes, true
			}
		}
	}
	n.Fault("`"+shown(s)+"` does not fit", "a size from 64KiB to 64MiB is wanted, such as 1MiB")
	return 0, false
}

// topic reads the ARN of an SNS topic.
func (r *reader) topic(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	parts := strings.Split(s, ":")
	if len(parts) != 6 || parts[0] != "arn" || !strings.HasPrefix(parts[1], "aws") || parts[2] != "sns" || parts[3] == "" || parts[4] == "" || parts[5] == "" {
		n.Fault("`"+shown(s)+"` is no topic of SNS", "arn:aws:sns:REGION:ACCOUNT:NAME is wanted")
		return "", false
	}
	return s, true
}

// publicKey reads an ECDSA key as SendGrid shows it.
func (r *reader) publicKey(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	der, err := base64.StdEncoding.DecodeString(s)
	if err == nil {
		var key any
		if key, err = x509.ParsePKIXPublicKey(der); err == nil {
			_, ok = key.(*ecdsa.PublicKey)
		}
	}
	if err != nil || !ok {
		n.Fault("`public_key` is no ECDSA key", "the verification key is wanted, as the provider's settings page shows it")
		return "", false
	}
	return s, true
}

// checkWebhooks holds the mailboxes that providers call against where they may.
func (r *reader) checkWebhooks(c *Config, found map[string]yamlfile.Node) {
	called := slices.ContainsFunc(c.Mailboxes, Mailbox.Webhook)
	at, given := found["webhooks"]
	switch {
	case called && !given:
		found["mailboxes"].Fault("a mailbox has a provider's calls, and nothing listens for them", "`webhooks: {listen: 127.0.0.1:8026}` goes with it")
	case given && !called:
		at.Fault("`webhooks` does nothing without a mailbox of `kind: ses`, `sendgrid`, `postmark` or `mailgun`", "take it out")
	}
}
