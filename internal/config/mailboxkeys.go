package config

import (
	"dateline/internal/yamlfile"
)

// mailboxKeys are the keys of all kinds. What a key says of itself begins with
// the kinds that it is for.
func mailboxKeys() []key[mailboxDraft] {
	all := append(accountKeys(), otherMailboxKeys()...)
	for i, k := range all {
		if kinds := kindsWith(k.name); len(kinds) > 0 {
			all[i].doc = ticked(kinds, "and") + ": " + k.doc
		}
	}
	return all
}

// theirs stands for the default of a key that its kinds, named in its doc, need.
const theirs = "required with its kinds"

// accountKeys are those of an account, and of a Maildir.
func accountKeys() []key[mailboxDraft] {
	return []key[mailboxDraft]{
		{"name", "a name", required, "What the mailbox is called in logs and in the ledger.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Name, n, r.slug)
		}},
		{"kind", ticked(mailboxKinds(), "or"), required, "An account that is read, a Maildir, a listener of the daemon's own, or a provider's webhook.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Kind, n, oneOf(r, mailboxKinds()...))
		}},
		{"host", "a host name or an IP address", theirs, "the server.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Host, n, r.host)
		}},
		{"port", "a whole number from 1 to 65535", "`993` and `995`; `143` and `110` with `tls: required` or `none`", "its port.", func(_ *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Port, n, whole(65535))
		}},
		{"tls", "`implicit`, `required` or `none`", "`implicit`", "TLS from the first byte, STARTTLS or nothing, or plain text.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.TLS, n, oneOf(r, "implicit", "required", "none"))
		}},
		{"min_tls", "`1.2` or `1.3`", "`1.2`", "the oldest version of TLS that is good enough.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.minTLS, n, oneOf(r, "1.2", "1.3"))
		}},
		{"allow_plaintext", "`true` or `false`", "`false`", "must be `true` for `tls: none` on a host that is not this machine.", func(_ *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.allowPlaintext, n, yesOrNo)
		}},
		{"ca_file", "a file", "the system's certificates", "PEM certificates that the server's own is checked against. It must exist.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.CAFile = r.caFile(n)
		}},
		{"username", "a line", theirs, "the name to sign in with, or that the webhook is called with.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Username, n, r.line)
		}},
		{"password", "`${VARIABLE}`", "required, or `password_file`", "the variable of the environment that holds the password. The password itself is refused here.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.Password = r.secret(n, "password")
		}},
		{"password_file", "a file", "required, or `password`", "the file that holds the password; one line end after it is dropped.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.Password = r.secretFile(n, "password")
		}},
		{"folder", "a line", "`INBOX`", "the folder that is read.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Folder, n, r.line)
		}},
		{"path", "a folder", theirs, "where it lies.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.Path = r.pathOf(n)
		}},
		{"after", "`delete` or `move`", "`delete`", "what becomes of a message once what it says is in the store. With `pop3` it is deleted.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.after, n, oneOf(r, "delete", "move"))
		}},
		{"move_to", "a folder", "required with `after: move`", "where `after: move` puts it; an IMAP folder that is not there is made, a Maildir likewise.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.MoveTo, n, r.line)
		}},
		{"poll", "a duration", "`1m`", "how often it is looked at in any case; at least `1s`.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Poll, n, r.poll)
		}},
	}
}

// otherMailboxKeys are those of listeners and of providers' webhooks.
func otherMailboxKeys() []key[mailboxDraft] {
	return []key[mailboxDraft]{
		{"listen", "`HOST:PORT`, or with `lmtp` the absolute path of a socket", theirs, "where the daemon listens; without a HOST, at every address of the machine. It takes mail for its own tokens only.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Listen, n, r.listenAt)
		}},
		{"hello", "a host name", "the host's own", "what the listener calls itself.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Hello, n, r.host)
		}},
		{"cert", "a file", "", "the PEM certificate for STARTTLS; `key` goes with it. Without it there is no STARTTLS.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.Cert = r.clientFile(n, "cert")
		}},
		{"key", "a file", "", "the private key of `cert`, in PEM form and not encrypted.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.Key = r.clientFile(n, "key")
		}},
		{"max_size", "a size from 64KiB to 64MiB", "`1MiB`", "how large a message may be.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.MaxSize, n, r.size)
		}},
		{"connections", "a whole number from 1 to 1000", "`20`", "how many may stand at once.", func(_ *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.Connections, n, whole(1000))
		}},
		{"per_minute", "a whole number from 1 to 1000000", "`600`", "how many messages it takes in a minute.", func(_ *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.PerMinute, n, whole(1_000_000))
		}},
		{"topic_arn", "`arn:aws:sns:REGION:ACCOUNT:NAME`", theirs, "the one topic that may call; its signature is checked.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.TopicARN, n, r.topic)
		}},
		{"public_key", "a key", theirs, "the verification key of the Signed Event Webhook. It is no secret.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			set(&d.PublicKey, n, r.publicKey)
		}},
		{"signing_key", "`${VARIABLE}`", "required, or `signing_key_file`", "the variable of the environment that holds the HTTP webhook signing key.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.SigningKey = r.secret(n, "signing_key")
		}},
		{"signing_key_file", "a file", "required, or `signing_key`", "the file that holds it; one line end after it is dropped.", func(r *reader, n yamlfile.Node, d *mailboxDraft) {
			d.SigningKey = r.secretFile(n, "signing_key")
		}},
	}
}

// webhooksDraft is where providers' calls are listened for.
type webhooksDraft struct{ listen string }

func webhooksKeys() []key[webhooksDraft] {
	return []key[webhooksDraft]{
		{"listen", "`HOST:PORT`", required, "Where the daemon listens, in plain HTTP: put your TLS proxy before it. A mailbox's path is `/reports/NAME`.", func(r *reader, n yamlfile.Node, d *webhooksDraft) {
			set(&d.listen, n, r.hostPort)
		}},
	}
}
