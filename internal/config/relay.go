package config

import (
	"bytes"
	"crypto/x509"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"dateline/internal/yamlfile"
)

// relayDraft is a relay while it is read.
type relayDraft struct {
	Relay
	allowPlaintext bool
}

func relayKeys() []key[relayDraft] {
	return []key[relayDraft]{
		{"name", "a name", required, "What the relay is called in the ledger.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Name, n, r.slug)
		}},
		{"host", "a host name or an IP address", required, "The server.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Host, n, r.host)
		}},
		{"port", "a whole number from 1 to 65535", "`587`, or `465` with `tls: implicit`", "Its port.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Port, n, whole(65535))
		}},
		{"tls", "`required`, `implicit` or `none`", "`required`", "`required` is STARTTLS or no mail, `implicit` is TLS from the first byte, `none` is plain text.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.TLS, n, oneOf(r, "required", "implicit", "none"))
		}},
		{"allow_plaintext", "`true` or `false`", "`false`", "Must be `true` for `tls: none` on a host that is not this machine.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.allowPlaintext, n, yesOrNo)
		}},
		{"ca_file", "a file", "the system's certificates", "PEM certificates that the relay's own is checked against. It must exist.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.CAFile = r.caFile(n)
		}},
		{"username", "a line", "", "The name to sign in with; `password` or `password_file` goes with it.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Username, n, r.line)
		}},
		{"password", "`${VARIABLE}`", "", "The variable of the environment that holds the password. The password itself is refused here.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.Password = r.password(n)
		}},
		{"password_file", "a file", "", "The file that holds the password; one line end after it is dropped.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.Password = r.passwordFile(n)
		}},
		{"connections", "a whole number from 1 to 100", "`4`", "How many connections are kept to the relay.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Connections, n, whole(100))
		}},
		{"timeout", "a duration", "`30s`", "How long one command may take.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Timeout, n, r.duration)
		}},
		{"hello", "a host name", "this machine's name", "The name that is given in EHLO.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Hello, n, r.host)
		}},
	}
}

func (r *reader) relays(n yamlfile.Node) []Relay {
	var relays []Relay
	for _, item := range items(n, "relays") {
		d := relayDraft{Relay: Relay{TLS: "required", Connections: 4, Timeout: 30 * time.Second}}
		found := decode(r, item, "the relay", relayKeys(), &d)
		if found == nil {
			continue
		}
		if d.Port == 0 {
			d.Port = 587
			if d.TLS == "implicit" {
				d.Port = 465
			}
		}
		r.checkRelay(item, d, found)
		if slices.ContainsFunc(relays, func(o Relay) bool { return o.Name == d.Name && d.Name != "" }) {
			found["name"].Fault("a relay of the name `"+d.Name+"` stands above", "each relay has a name of its own")
		}
		relays = append(relays, d.Relay)
	}
	return relays
}

// checkRelay holds a relay's keys against each other.
func (r *reader) checkRelay(n yamlfile.Node, d relayDraft, found map[string]yamlfile.Node) {
	has := func(name string) bool { _, ok := found[name]; return ok }
	switch {
	case d.TLS == "none" && d.Host != "" && !loopback(d.Host) && !d.allowPlaintext:
		found["tls"].Fault("`tls: none` would send to "+d.Host+" in plain text", "`tls: required` is wanted, or `allow_plaintext: true` beside it")
	case d.TLS != "none" && d.allowPlaintext:
		found["allow_plaintext"].Fault("`allow_plaintext` does nothing with `tls: "+d.TLS+"`", "it goes with `tls: none`")
	}
	if d.TLS == "none" && has("ca_file") {
		found["ca_file"].Fault("`ca_file` does nothing with `tls: none`", "it goes with `tls: required` or `implicit`")
	}
	password, file := has("password"), has("password_file")
	switch {
	case password && file:
		found["password_file"].Fault("`password` and `password_file` stand together", "one of them is wanted")
	case has("username") && !password && !file:
		found["username"].Fault("`username` stands without a password", "`password: ${VARIABLE}` or `password_file` goes with it")
	case !has("username") && (password || file):
		n.Fault("the relay has a password and no `username`", "`username` goes with it")
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// host reads a host name or an IP address, without a port.
func (r *reader) host(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok || net.ParseIP(s) != nil {
		return s, ok
	}
	if name, _, err := net.SplitHostPort(s); err == nil && name != "" {
		n.Fault("`"+shown(s)+"` is a host with a port", "a host alone is wanted, such as mail.example.org; the port goes into `port`")
		return "", false
	}
	if !hostName(s) {
		n.Fault("`"+shown(s)+"` is no host", "a name or an IP address is wanted, such as mail.example.org or 127.0.0.1")
		return "", false
	}
	return s, true
}

// hostName tells whether s has the form of a host name (RFC 1123).
func hostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		if strings.ContainsFunc(label, func(c rune) bool {
			return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
		}) {
			return false
		}
	}
	return true
}

func (r *reader) caFile(n yamlfile.Node) string {
	path := r.pathOf(n)
	if path == "" {
		return ""
	}
	pem, why := outside(path)
	if why == "" && !x509.NewCertPool().AppendCertsFromPEM(pem) {
		why = "it holds no certificate in PEM form"
	}
	if why != "" {
		n.Fault("`ca_file` cannot be used: "+why, "a file of PEM certificates is wanted; a relative path is relative to the config folder")
	}
	return path
}

// password reads a variable's name and gives the variable's value. What stands
// there instead may be a password, so no fault quotes it.
func (r *reader) password(n yamlfile.Node) Secret {
	written, ok := r.secretLine(n)
	if !ok {
		return Secret{}
	}
	if variable.FindString(written) != written {
		n.Fault("a password may not stand in the config folder", "`${VARIABLE}` alone, or `password_file`, is wanted")
		return Secret{}
	}
	value, unset := r.expand(written, asIs)
	switch {
	case len(unset) > 0:
		r.unset(n, unset)
	case value == "":
		n.Fault("the variable "+written+" is empty", "the relay's password is wanted in it")
	case strings.ContainsAny(value, "\x00\r\n"):
		n.Fault("the variable "+written+" holds more than one line", "the relay's password alone is wanted in it")
	}
	return NewSecret(value)
}

func (r *reader) passwordFile(n yamlfile.Node) Secret {
	path := r.pathOf(n)
	if path == "" {
		return Secret{}
	}
	raw, why := outside(path)
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	switch {
	case why != "":
	case len(raw) == 0:
		why = "it is empty"
	case bytes.ContainsAny(raw, "\x00\r\n"):
		why = "it holds more than one line"
	}
	if why != "" {
		n.Fault("`password_file` cannot be used: "+why, "a file with the password alone is wanted; a relative path is relative to the config folder")
		return Secret{}
	}
	return NewSecret(string(raw))
}

// unset notes variables of the environment that a value names.
func (r *reader) unset(n yamlfile.Node, names []string) {
	for _, name := range names {
		n.Fault("the variable "+name+" is not set", "set "+name+" in the environment")
	}
}

// outside reads a small file that may lie outside of the config folder, or
// says why it cannot.
func outside(path string) (raw []byte, why string) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return nil, "there is no such file"
	case err == nil && !info.Mode().IsRegular():
		return nil, "it is no regular file"
	case err == nil && info.Size() > maxFile:
		return nil, "it is larger than 1 MiB"
	}
	if raw, err = os.ReadFile(path); err != nil {
		return nil, "it may not be read by this user"
	}
	return raw, ""
}
