package config

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dateline/internal/press"
)

// FuzzLoad reads any release.yaml with any edition: it never panics, every
// fault has a place and says what is wrong, and what it accepts is whole.
func FuzzLoad(f *testing.F) {
	files := good(f)
	const release, edition = "releases/tashkent-2022/release.yaml", "releases/tashkent-2022/en.md"
	f.Add(files[release], files[edition])
	f.Add("embargo: none\nsends: [{at: lift-1h}]\n", "---\nheadline: x\n---\n")
	f.Add("dateline: {cities: []}\n? [a]\n: b\n", "---\n---\n---\n")
	f.Add("\xff\x00", "---\r\nheadline: \"\\0\"\r\n---\r\n\u202e")
	f.Add("a: &a [*a]\n<<: {}\nkind: !!str x\n", "")
	delete(files, "releases/tashkent-2022/ru.md")
	dir := write(f, files)
	f.Fuzz(func(t *testing.T, releaseText, editionText string) {
		put(t, dir, release, releaseText)
		put(t, dir, edition, editionText)
		c, err := Load(dir, shipped(), environment)
		var faults press.Faults
		switch {
		case err == nil:
			r := c.Releases[0]
			if len(r.Editions) != 1 || r.Editions[0].Headline == "" || r.Editions[0].BodyLine < 4 || len(r.Sends) == 0 || r.Sender != "conference" {
				t.Errorf("an accepted release is not whole: %+v", r.Release)
			}
		case !errors.As(err, &faults):
			t.Errorf("Load gave %v, which is no press.Faults", err)
		}
		for _, fault := range faults {
			if fault.File == "" || fault.Line < 1 || fault.Column < 1 || fault.What == "" || !utf8.ValidString(fault.Error()) {
				t.Errorf("a fault has no place or no words: %+v", fault)
			}
		}
	})
}

// FuzzMailboxes reads any text as the mailboxes, and what else dateline.yaml
// may say of what comes back: it never panics, no fault tells a secret, and
// what it accepts is whole.
func FuzzMailboxes(f *testing.F) {
	files := good(f)
	for _, seed := range []string{
		"mailboxes: [{name: a, kind: imap, host: localhost, username: u, password: \"${RELAY_PASSWORD}\", after: move, move_to: Read}]\n",
		"mailboxes:\n- {name: b, kind: pop3, host: \"::1\", tls: none, username: u, password: relay secret, poll: 1ns}\n",
		"mailboxes:\n- {name: c, kind: lmtp, listen: /s, max_size: 4294967295MiB}\n- {name: c, kind: smtp, listen: \"[::1]:65536\"}\n",
		"mailboxes: [{kind: ses, topic_arn: \"arn:aws:sns:::\"}, {kind: sendgrid, public_key: \"====\"}]\nwebhooks: {listen: \":0\"}\n",
		"mailboxes: [{kind: maildir, path: ., after: move, move_to: .}, 7, [], null]\nwebhooks: []\n",
		"mailboxes: {kind: mailgun}\nwebhooks: {listen: }\n? [mailboxes]\n: x\n",
		"mailboxes: &a [*a]\n",
		"mailboxes: [{name: a, kind: smtp, key: lists.yaml, cert: lists.yaml, listen: \":1\"}]\n",
	} {
		f.Add(seed)
	}
	dir := write(f, files)
	f.Fuzz(func(t *testing.T, text string) {
		put(t, dir, mainFile, text+files[mainFile])
		c, err := Load(dir, shipped(), environment)
		if err == nil {
			for _, m := range c.Mailboxes {
				if why := lacks(m, c.Webhooks); why != "" {
					t.Errorf("an accepted mailbox %s: %+v", why, m)
				}
			}
			return
		}
		var faults press.Faults
		if !errors.As(err, &faults) {
			t.Errorf("Load gave %v, which is no press.Faults", err)
		}
		for _, fault := range faults {
			if fault.File == "" || fault.Line < 1 || fault.Column < 1 || fault.What == "" || !utf8.ValidString(fault.Error()) {
				t.Errorf("a fault has no place or no words: %+v", fault)
			}
		}
		if !strings.Contains(text, "relay") && strings.Contains(err.Error(), "relay secret") {
			t.Errorf("a fault tells a secret: %v", err)
		}
	})
}

// lacks says what a mailbox lacks to be opened.
func lacks(m Mailbox, webhooks string) string {
	complete := map[string]bool{
		"imap":     m.Host != "" && m.Port > 0 && m.TLS != "" && m.Folder != "" && m.MoveTo != m.Folder && m.Password.Reveal() != "",
		"pop3":     m.Host != "" && m.Port > 0 && m.TLS != "" && m.MoveTo == "" && m.Password.Reveal() != "",
		"maildir":  m.Path != "" && m.MoveTo != m.Path,
		"smtp":     m.Listen != "" && (m.Cert == "") == (m.Key == ""),
		"lmtp":     m.Listen != "" && (m.Cert == "") == (m.Key == ""),
		"ses":      m.TopicARN != "",
		"sendgrid": m.PublicKey != "",
		"postmark": m.Username != "" && m.Password.Reveal() != "",
		"mailgun":  m.SigningKey.Reveal() != "",
	}
	switch {
	case m.Name == "" || m.MinTLS == 0 || m.Poll < time.Second || m.MaxSize < 64<<10 || m.Connections < 1 || m.PerMinute < 1:
		return "has a default that is missing"
	case !complete[m.Kind]:
		return "is not whole"
	case m.Webhook() && webhooks == "":
		return "is called by nobody"
	default:
		return ""
	}
}
