package config

import (
	"crypto/tls"
	"slices"
	"time"

	"dateline/internal/yamlfile"
)

// relayDraft is a relay while it is read.
type relayDraft struct {
	Relay
	allowPlaintext bool
	minTLS         string
}

func relayKeys() []key[relayDraft] { return append(serverKeys(), paceKeys()...) }

// serverKeys say where a relay is, and how it and we prove who we are.
func serverKeys() []key[relayDraft] {
	return []key[relayDraft]{
		{"name", "a name", required, "What the relay is called in the ledger.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Name, n, r.slug)
		}},
		{"protocol", "`smtp` or `lmtp`", "`smtp`", "`lmtp` is for a mail server on this machine, without TLS and without a sign-in.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Protocol, n, oneOf(r, "smtp", "lmtp"))
		}},
		{"host", "a host name or an IP address", required, "The server. With `protocol: lmtp` it is this machine, such as `127.0.0.1`, or the absolute path of a socket.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Host, n, r.relayHost)
		}},
		{"port", "a whole number from 1 to 65535", "`587`, or `465` with `tls: implicit`, or `24` with `protocol: lmtp`", "Its port; a socket has none.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Port, n, whole(65535))
		}},
		{"tls", "`required`, `implicit` or `none`", "`required`", "`required` is STARTTLS or no mail, `implicit` is TLS from the first byte, `none` is plain text.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.TLS, n, oneOf(r, "required", "implicit", "none"))
		}},
		{"min_tls", "`1.2` or `1.3`", "`1.2`", "The oldest version of TLS that is good enough.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.minTLS, n, oneOf(r, "1.2", "1.3"))
		}},
		{"allow_plaintext", "`true` or `false`", "`false`", "Must be `true` for `tls: none` on a host that is not this machine.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.allowPlaintext, n, yesOrNo)
		}},
		{"ca_file", "a file", "the system's certificates", "PEM certificates that the relay's own is checked against. It must exist.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.CAFile = r.caFile(n)
		}},
		{"client_cert", "a file", "", "The PEM certificate by which the relay knows us; `client_key` goes with it.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.ClientCert = r.clientFile(n, "client_cert")
		}},
		{"client_key", "a file", "", "The private key of `client_cert`, in PEM form and not encrypted.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.ClientKey = r.clientFile(n, "client_key")
		}},
		{"auth", "`auto`, `plain`, `login`, `scram` or `xoauth2`", "`auto`", "How to sign in; `auto` takes the strongest that the relay offers. With `xoauth2` the password is the token.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Auth, n, oneOf(r, "auto", "plain", "login", "scram", "xoauth2"))
		}},
		{"username", "a line", "", "The name to sign in with; `password` or `password_file` goes with it.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Username, n, r.line)
		}},
		{"password", "`${VARIABLE}`", "", "The variable of the environment that holds the password. The password itself is refused here.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.Password = r.secret(n, "password")
		}},
		{"password_file", "a file", "", "The file that holds the password; one line end after it is dropped.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.Password = r.secretFile(n, "password")
		}},
	}
}

// paceKeys say how much a relay takes, and how fast.
func paceKeys() []key[relayDraft] {
	return []key[relayDraft]{
		{"connections", "a whole number from 1 to 100", "`4`", "How many connections are kept to the relay.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Connections, n, whole(100))
		}},
		{"timeout", "a duration", "`30s`", "How long one command may take.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Timeout, n, r.duration)
		}},
		{"data_timeout", "a duration", "`10m`", "How long the relay may take to answer the end of a message (RFC 5321, 4.5.3.2.6).", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.DataTimeout, n, r.duration)
		}},
		{"hello", "a host name", "this machine's name", "The name that is given in EHLO.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Hello, n, r.host)
		}},
		{"weight", "a whole number from 0 to 100", "`1`", "The relay's share of the mail beside the others', while each has room for more; one of 0 takes mail only when no other can.", func(_ *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.Weight, n, upTo(100))
		}},
		{"per_second", "a number from 0 to 100000", "`0`", "How many messages a second it takes at most, such as `50` or `0.5`; 0 is no limit.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.PerSecond, n, r.perSecond)
		}},
		{"per_connection", "a whole number from 0 to 1000000", "`0`", "How many messages one connection takes at most, before another is opened; 0 is no limit.", func(_ *reader, n yamlfile.Node, d *relayDraft) {
			set(&d.PerConnection, n, upTo(1_000_000))
		}},
		{"outgoing_ips", "a list of IP addresses", "", "The addresses that its mail leaves by, as receivers see them. `dateline doctor` holds SPF and the addresses' names against them; without them the relay's own address is a guess.", func(r *reader, n yamlfile.Node, d *relayDraft) {
			d.Outgoing = list(r, n, "IP addresses", (*reader).outgoing)
		}},
	}
}

func (r *reader) relays(n yamlfile.Node) []Relay {
	var relays []Relay
	for _, item := range items(n, "relays") {
		d := relayDraft{Relay: Relay{Protocol: "smtp", MinTLS: tls.VersionTLS12, Auth: "auto", Connections: 4, Timeout: 30 * time.Second, DataTimeout: 10 * time.Minute, Weight: 1}}
		found := decode(r, item, "the relay", relayKeys(), &d)
		if found == nil {
			continue
		}
		d.fill()
		r.checkRelay(item, d, found)
		if slices.ContainsFunc(relays, func(o Relay) bool { return o.Name == d.Name && d.Name != "" }) {
			found["name"].Fault("a relay of the name `"+d.Name+"` stands above", "each relay has a name of its own")
		}
		relays = append(relays, d.Relay)
	}
	return relays
}

// fill puts in what hangs on other keys.
func (d *relayDraft) fill() {
	lmtp := d.Protocol == "lmtp"
	if d.TLS == "" {
		d.TLS = "required"
		if lmtp {
			d.TLS = "none"
		}
	}
	if d.minTLS == "1.3" {
		d.MinTLS = tls.VersionTLS13
	}
	switch {
	case d.Port != 0 || isSocket(d.Host):
	case lmtp:
		d.Port = 24
	case d.TLS == "implicit":
		d.Port = 465
	default:
		d.Port = 587
	}
}

// checkRelay holds a relay's keys against each other.
func (r *reader) checkRelay(n yamlfile.Node, d relayDraft, found map[string]yamlfile.Node) {
	has := func(name string) bool { _, ok := found[name]; return ok }
	if d.Protocol == "lmtp" {
		checkLMTP(d, found)
		return
	}
	r.checkClient(d, found)
	switch {
	case isSocket(d.Host):
		found["host"].Fault("`"+shown(d.Host)+"` is no host", "a name or an IP address is wanted; the path of a socket goes with `protocol: lmtp`")
	case d.TLS == "none" && d.Host != "" && !loopback(d.Host) && !d.allowPlaintext:
		found["tls"].Fault("`tls: none` would send to "+d.Host+" in plain text", "`tls: required` is wanted, or `allow_plaintext: true` beside it")
	case d.TLS != "none" && d.allowPlaintext:
		found["allow_plaintext"].Fault("`allow_plaintext` does nothing with `tls: "+d.TLS+"`", "it goes with `tls: none`")
	}
	for _, name := range []string{"ca_file", "min_tls"} {
		if d.TLS == "none" && has(name) {
			found[name].Fault("`"+name+"` does nothing with `tls: none`", "it goes with `tls: required` or `implicit`")
		}
	}
	if has("auth") && !has("username") {
		found["auth"].Fault("`auth` does nothing without a `username`", "`username` goes with it")
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

// checkLMTP holds the keys of a relay that speaks LMTP against each other: it
// is on this machine, so there is nobody to hide from and nothing to prove.
func checkLMTP(d relayDraft, found map[string]yamlfile.Node) {
	if d.Host != "" && !isSocket(d.Host) && !loopback(d.Host) {
		found["host"].Fault("`protocol: lmtp` would send to "+d.Host+" in plain text", "this machine is wanted, such as 127.0.0.1, or the absolute path of a socket")
	}
	if port, ok := found["port"]; ok && isSocket(d.Host) {
		port.Fault("`port` does nothing with a socket", "take it out")
	}
	if d.TLS != "none" {
		found["tls"].Fault("`tls: "+d.TLS+"` does not go with `protocol: lmtp`", "take it out")
	}
	for _, name := range []string{"min_tls", "allow_plaintext", "ca_file", "client_cert", "client_key", "auth", "username", "password", "password_file"} {
		if n, ok := found[name]; ok {
			n.Fault("`"+name+"` does nothing with `protocol: lmtp`", "take it out")
		}
	}
}
