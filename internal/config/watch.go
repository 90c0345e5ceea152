package config

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// Watch is how others look on, and who is told when something is wrong.
type Watch struct {
	Listen  string // HOST:PORT for metrics and health; empty for none
	DiskLow int64  // bytes; where less is free, an alarm says so
	Alarms  Alarms
}

// Alarms are the ways by which operators are told; without any, alarms stand in
// the log and in `dateline alarms` alone.
type Alarms struct {
	Webhook Secret // a URL, which may hold a token of its own; zero for none
	Key     Secret // signs what is posted; zero for no signature
	Mail    AlarmMail
	Repeat  time.Duration // so long after it was told, what still stands is told again
}

// AlarmMail is the way by mail; the zero value where there is none.
type AlarmMail struct {
	To    []press.Address
	From  string // a sender's id
	Relay string // a relay's name
}

func defaultWatch() Watch {
	return Watch{DiskLow: 1 << 30, Alarms: Alarms{Repeat: 6 * time.Hour}}
}

func watchKeys() []key[Watch] {
	return []key[Watch]{
		{"listen", "`HOST:PORT`", "", "Where this daemon answers `/metrics`, `/healthz` and `/readyz`, in plain HTTP and to whoever asks: `127.0.0.1:9125`, or an address that only your monitoring reaches. Without it nothing listens.", func(r *reader, n yamlfile.Node, w *Watch) {
			set(&w.Listen, n, r.hostPort)
		}},
		{"disk_low", "a size", "`1GiB`", "Where less is free on the disk of the state folder, or of the SQLite file, an alarm says so; at least `8MiB`.", func(r *reader, n yamlfile.Node, w *Watch) {
			set(&w.DiskLow, n, r.memory)
		}},
		{"alarms", "a map", "as in its table", "Who is told when something is wrong, beside the log and `dateline alarms`.", func(r *reader, n yamlfile.Node, w *Watch) {
			decodeAlarms(r, n, &w.Alarms)
		}},
	}
}

func alarmsKeys() []key[Alarms] {
	return []key[Alarms]{
		{"webhook", "`${VARIABLE}` or an https address", "", "Where each alarm is posted to as JSON. Plain http is taken on this machine alone. Redirects are not followed.", func(r *reader, n yamlfile.Node, a *Alarms) {
			a.Webhook = r.webhook(n)
		}},
		{"webhook_file", "a file", "", "The file that holds the address, in place of `webhook`; one line end after it is dropped.", func(r *reader, n yamlfile.Node, a *Alarms) {
			a.Webhook = checkedWebhook(n, r.secretFile(n, "webhook"))
		}},
		{"webhook_key", "`${VARIABLE}`", "", "The variable of the environment that holds the key by which what is posted is signed (HMAC-SHA256). Without it, nothing is.", func(r *reader, n yamlfile.Node, a *Alarms) {
			a.Key = r.secret(n, "webhook_key")
		}},
		{"webhook_key_file", "a file", "", "The file that holds that key; one line end after it is dropped.", func(r *reader, n yamlfile.Node, a *Alarms) {
			a.Key = r.secretFile(n, "webhook_key")
		}},
		{"mail", "a map", "", "Who is told by mail.", func(r *reader, n yamlfile.Node, a *Alarms) {
			decode(r, n, "`mail`", alarmMailKeys(), &a.Mail)
		}},
		{"repeat", "a duration", "`6h`", "So long after it was told, an alarm that still stands is told again; at least `1m`.", func(r *reader, n yamlfile.Node, a *Alarms) {
			if set(&a.Repeat, n, r.duration); a.Repeat < time.Minute {
				n.Fault("`"+shown(n.Text())+"` is too often", "at least 1m is wanted")
			}
		}},
	}
}

func alarmMailKeys() []key[AlarmMail] {
	return []key[AlarmMail]{
		{"to", "a list of addresses", required, "The operators.", func(r *reader, n yamlfile.Node, m *AlarmMail) {
			m.To = list(r, n, "addresses", (*reader).address)
		}},
		{"from", "a sender's id", required, "The sender whose `from` the mails have.", func(r *reader, n yamlfile.Node, m *AlarmMail) {
			set(&m.From, n, r.line)
		}},
		{"relay", "a relay's name", required, "The relay that takes them. A second one, on other ground than the releases', tells you of the first one's end.", func(r *reader, n yamlfile.Node, m *AlarmMail) {
			set(&m.Relay, n, r.line)
		}},
	}
}

// decodeAlarms reads the map, and refuses two ways to one secret, and a key for
// nothing.
func decodeAlarms(r *reader, n yamlfile.Node, into *Alarms) {
	found := decode(r, n, "`alarms`", alarmsKeys(), into)
	for _, name := range []string{"webhook", "webhook_key"} {
		_, one := found[name]
		if at, other := found[name+"_file"]; one && other {
			at.Fault("`"+name+"` and `"+name+"_file` stand both here", "one of them is wanted")
		}
	}
	_, here := found["webhook"]
	_, file := found["webhook_file"]
	for _, name := range []string{"webhook_key", "webhook_key_file"} {
		if at, given := found[name]; given && !here && !file {
			at.Fault("`"+name+"` goes with `webhook`, which is not there", "take it out, or say where alarms are posted to")
		}
	}
}

// webhook reads an address that may be a secret, so that no fault quotes it.
func (r *reader) webhook(n yamlfile.Node) Secret {
	written, ok := r.secretLine(n)
	if !ok {
		return Secret{}
	}
	value, unset := r.expand(written, inWebhook(written))
	if len(unset) > 0 {
		r.unset(n, unset)
		return Secret{}
	}
	return checkedWebhook(n, NewSecret(value))
}

// inWebhook escapes what is put into an address, unless it is all of it.
func inWebhook(written string) func(string) string {
	if variable.FindString(written) == written {
		return asIs
	}
	return inURL
}

// checkedWebhook refuses what is no address to post to.
func checkedWebhook(n yamlfile.Node, s Secret) Secret {
	if s == (Secret{}) {
		return s
	}
	u, err := url.Parse(s.Reveal())
	switch {
	case err != nil || u.Hostname() == "" || u.Fragment != "" || (u.Scheme != "https" && u.Scheme != "http") || strings.ContainsAny(s.Reveal(), " \r\n\t"):
		n.Fault("the webhook is no address to post to", "an https address is wanted, such as https://alarms.example.org/hook")
		return Secret{}
	case u.Scheme == "http" && !thisMachine(u.Hostname()):
		n.Fault("the webhook has plain http, and is not on this machine", "an https address is wanted")
		return Secret{}
	}
	return s
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// checkWatch holds the section against the rest of the file.
func checkWatch(c *Config, found map[string]yamlfile.Node) {
	at, given := found["watch"]
	if !given {
		return
	}
	if c.Watch.Listen != "" {
		taken := c.Watch.Listen == c.Webhooks || c.Watch.Listen == c.OptOut.Listen
		for _, m := range c.Mailboxes {
			taken = taken || m.Listen == c.Watch.Listen
		}
		if taken {
			at.Fault("something else listens at `"+shown(c.Watch.Listen)+"` already", "each listener has an address of its own")
		}
	}
	mail := c.Watch.Alarms.Mail
	if _, known := c.Senders[mail.From]; mail.From != "" && !known {
		at.Fault("alarms are to come from `"+shown(mail.From)+"`, which is no sender", DidYouMean(mail.From, slices.Collect(maps.Keys(c.Senders)), "the senders are"))
	}
	relays := make([]string, len(c.Relays))
	for i, r := range c.Relays {
		relays[i] = r.Name
	}
	if mail.Relay != "" && !slices.Contains(relays, mail.Relay) {
		at.Fault("alarms are to go by `"+shown(mail.Relay)+"`, which is no relay", DidYouMean(mail.Relay, relays, "the relays are"))
	}
}
