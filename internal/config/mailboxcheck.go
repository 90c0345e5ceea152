package config

import (
	"crypto/tls"
	"slices"
	"strings"

	"dateline/internal/yamlfile"
)

func mailboxKinds() []string {
	return []string{"imap", "pop3", "maildir", "smtp", "lmtp", "ses", "sendgrid", "postmark", "mailgun"}
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

// kindsWith gives the kinds that a key is for; none where it is for all.
func kindsWith(key string) []string {
	return slices.DeleteFunc(mailboxKinds(), func(kind string) bool {
		fits, _ := keysOfKind(kind)
		return !slices.Contains(fits, key)
	})
}

// ticked writes a few words as a reader of Markdown sees them.
func ticked(words []string, last string) string {
	all := "`" + strings.Join(words, "`, `") + "`"
	if i := strings.LastIndex(all, ", "); i >= 0 {
		all = all[:i] + " " + last + " " + all[i+2:]
	}
	return all
}

// checkMailbox holds a mailbox's keys against its kind and each other.
func checkMailbox(n yamlfile.Node, d *mailboxDraft, found map[string]yamlfile.Node) {
	if d.Kind == "" {
		return // it has no kind, or one that is faulty
	}
	fits, needs := keysOfKind(d.Kind)
	for name, at := range found {
		if kinds := kindsWith(name); len(kinds) > 0 && !slices.Contains(fits, name) {
			at.Fault("`"+name+"` does nothing with `kind: "+d.Kind+"`", "it goes with "+ticked(kinds, "or"))
		}
	}
	for _, name := range needs {
		either := strings.Split(name, "|")
		if !slices.ContainsFunc(either, func(one string) bool { _, ok := found[one]; return ok }) {
			n.Fault("the mailbox has no "+ticked(either, "or"), "`kind: "+d.Kind+"` needs it")
		}
	}
	for _, pair := range [][2]string{{"password", "password_file"}, {"signing_key", "signing_key_file"}} {
		second, twice := found[pair[1]]
		if _, ok := found[pair[0]]; ok && twice {
			second.Fault("`"+pair[0]+"` and `"+pair[1]+"` stand together", "one of them is wanted")
		}
	}
	switch d.Kind {
	case "imap":
		checkAccount(d, found)
		checkMove(d, found)
	case "pop3":
		checkAccount(d, found)
	case "maildir":
		checkMove(d, found)
	case "smtp", "lmtp":
		checkListener(d, found)
	case "postmark":
		if strings.Contains(d.Username, ":") {
			found["username"].Fault("`username` has a colon in it", "Basic authentication (RFC 7617) parts name and password by the first one; a name without it is wanted")
		}
	}
}

// checkAccount keeps a password from going over the network in plain text.
func checkAccount(d *mailboxDraft, found map[string]yamlfile.Node) {
	switch {
	case d.TLS == "none" && d.Host != "" && !loopback(d.Host) && !d.allowPlaintext:
		found["tls"].Fault("`tls: none` would tell the password to "+d.Host+" in plain text", "`tls: implicit` or `required` is wanted, or `allow_plaintext: true` beside it")
	case d.TLS != "" && d.TLS != "none" && d.allowPlaintext:
		found["allow_plaintext"].Fault("`allow_plaintext` does nothing with `tls: "+d.TLS+"`", "it goes with `tls: none`")
	}
	for _, name := range []string{"ca_file", "min_tls"} {
		if at, ok := found[name]; ok && d.TLS == "none" {
			at.Fault("`"+name+"` does nothing with `tls: none`", "it goes with `tls: implicit` or `required`")
		}
	}
}

// checkMove holds where what was read goes against what becomes of it.
func checkMove(d *mailboxDraft, found map[string]yamlfile.Node) {
	after, says := found["after"]
	to, moves := found["move_to"]
	switch {
	case says && d.after == "": // it is faulty
	case d.after == "move" && !moves:
		after.Fault("`after: move` stands without where to", "`move_to` goes with it")
	case d.after != "move" && moves && says:
		to.Fault("`move_to` does nothing with `after: delete`", "it goes with `after: move`")
	case d.after != "move" && moves:
		to.Fault("`move_to` stands without `after: move`", "`after: move` goes with it")
	case moves && d.MoveTo != "" && d.staysPut():
		to.Fault("what was read would stay where it is", "another folder is wanted")
	}
}

// staysPut tells whether what is moved would be read again.
func (d *mailboxDraft) staysPut() bool {
	if d.Kind == "maildir" {
		return d.MoveTo == d.Path
	}
	return d.MoveTo == d.Folder || d.Folder == inbox && strings.EqualFold(d.MoveTo, inbox)
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

// checkBeside holds a mailbox against those above it.
func checkBeside(m Mailbox, above []Mailbox, found map[string]yamlfile.Node) {
	for _, o := range above {
		if m.Name != "" && o.Name == m.Name {
			found["name"].Fault("a mailbox of the name `"+m.Name+"` stands above", "each mailbox has a name of its own")
		}
		if m.Listen != "" && o.Listen == m.Listen {
			found["listen"].Fault("a mailbox above listens at `"+shown(m.Listen)+"`", "each listener has an address of its own")
		}
	}
}

// checkWebhooks holds the mailboxes that providers call against where they may.
func checkWebhooks(c *Config, found map[string]yamlfile.Node) {
	called := slices.ContainsFunc(c.Mailboxes, Mailbox.Webhook)
	unsure := slices.ContainsFunc(c.Mailboxes, func(m Mailbox) bool { return m.Kind == "" })
	at, given := found["webhooks"]
	switch {
	case called && !given:
		found["mailboxes"].Fault("a mailbox has a provider's calls, and nothing listens for them", "`webhooks: {listen: 127.0.0.1:8026}` goes with it")
	case given && !called && !unsure:
		at.Fault("`webhooks` does nothing without a mailbox of `kind: ses`, `sendgrid`, `postmark` or `mailgun`", "take it out")
	case given && slices.ContainsFunc(c.Mailboxes, func(m Mailbox) bool { return m.Listen != "" && m.Listen == c.Webhooks }):
		at.Fault("a mailbox listens at `"+shown(c.Webhooks)+"` already", "each listener has an address of its own")
	}
}
