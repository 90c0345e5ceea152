package config

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"dateline/internal/yamlfile"
)

// Console is where operators reach their pages, and how they sign in.
type Console struct {
	Listen    string         // HOST:PORT; empty where it is off
	URL       string         // https://HOST[/PATH] as people reach it, without a slash at its end; empty where nobody said
	Cert, Key string         // absolute; empty for plain HTTP
	Proxies   []netip.Prefix // whose X-Forwarded-For is believed
	Idle      time.Duration  // a session ends when nothing was asked for so long
	Longest   time.Duration  // and so long after signing in
	LiveLimit int            // browsers that follow live at once
	OIDC      OIDC
}

// OIDC is the team's own sign-in; the zero value where there is none.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret Secret
	GroupsClaim  string
	Roles        map[string][]string // group -> names of roles
	Name         string              // on the button
}

// RoleNames are the roles that may stand in the config; package access has them.
func RoleNames() []string { return []string{"viewer", "editor", "approver", "operator"} }

// DefaultConsole is where the console is served if nobody says otherwise.
const DefaultConsole = "127.0.0.1:8025"

// defaultConsole is what holds where dateline.yaml says nothing.
func defaultConsole() Console {
	return Console{Listen: DefaultConsole, Idle: time.Hour, Longest: 12 * time.Hour, LiveLimit: 100}
}

func consoleKeys() []key[Console] {
	return []key[Console]{
		{"listen", "`HOST:PORT` or `off`", "`127.0.0.1:8025`", "Where the console is served. It need not be public: the pages behind the links in mail are elsewhere, in `optout`.", func(r *reader, n yamlfile.Node, c *Console) {
			if n.Text() == "off" {
				c.Listen = ""
				return
			}
			set(&c.Listen, n, r.hostPort)
		}},
		{"url", "an https address", "", "The console as people reach it, for `oidc` and for links in mails to the team.", func(r *reader, n yamlfile.Node, c *Console) {
			set(&c.URL, n, r.consoleURL)
		}},
		{"tls", "a map", "", "The certificate that the console shows. Without it the console is plain HTTP.", func(r *reader, n yamlfile.Node, c *Console) {
			found := decode(r, n, "`tls`", consoleTLSKeys(), c)
			if c.Cert != "" && c.Key != "" {
				// The error may quote the key; it is not shown.
				if _, err := tls.LoadX509KeyPair(c.Cert, c.Key); err != nil {
					found["key_file"].Fault("`cert_file` and `key_file` are no pair", "a certificate in PEM form and its own private key, not encrypted, are wanted")
				}
			}
		}},
		{"trusted_proxies", "a list of networks", "", "The proxies whose `X-Forwarded-For` tells who is asking: `[127.0.0.1/32]`. Of others it is not believed.", func(r *reader, n yamlfile.Node, c *Console) {
			c.Proxies = list(r, n, "networks", (*reader).network)
		}},
		{"session", "a map", "as in its table", "How long somebody stays signed in.", func(r *reader, n yamlfile.Node, c *Console) {
			found := decode(r, n, "`session`", sessionKeys(), c)
			if at, given := found["longest"]; c.Longest < c.Idle && given {
				at.Fault("`longest` is shorter than `idle`", "`idle` is "+c.Idle.String()+"; at least that is wanted")
			} else if at, given := found["idle"]; c.Longest < c.Idle && given {
				at.Fault("`idle` is longer than `longest`", "`longest` is "+c.Longest.String()+"; at most that is wanted")
			}
		}},
		{"live_limit", "a whole number from 1 to 10000", "`100`", "How many browsers may follow a release live at once; whoever comes after them is told so, and reads the pages as they are.", func(_ *reader, n yamlfile.Node, c *Console) {
			set(&c.LiveLimit, n, whole(10_000))
		}},
		{"oidc", "a map", "", "The team's own sign-in, by OpenID Connect, beside accounts with passwords. It goes with `url`.", func(r *reader, n yamlfile.Node, c *Console) {
			r.oidc(n, c)
		}},
	}
}

func consoleTLSKeys() []key[Console] {
	return []key[Console]{
		{"cert_file", "a file", required, "The certificate and those that lead to its root, in PEM form.", func(r *reader, n yamlfile.Node, c *Console) {
			c.Cert = r.clientFile(n, "cert_file")
		}},
		{"key_file", "a file", required, "Its private key, in PEM form, not encrypted.", func(r *reader, n yamlfile.Node, c *Console) {
			c.Key = r.clientFile(n, "key_file")
		}},
	}
}

func sessionKeys() []key[Console] {
	return []key[Console]{
		{"idle", "a duration", "`1h`", "So long after the last page that was asked for, a session ends; at least `1m`.", func(r *reader, n yamlfile.Node, c *Console) {
			set(&c.Idle, n, r.sessionSpan)
		}},
		{"longest", "a duration", "`12h`", "So long after signing in a session ends in any case.", func(r *reader, n yamlfile.Node, c *Console) {
			set(&c.Longest, n, r.sessionSpan)
		}},
	}
}

// oidcDraft is `oidc` while it is read.
type oidcDraft struct{ OIDC }

func oidcKeys() []key[oidcDraft] {
	return []key[oidcDraft]{
		{"issuer", "an https address", required, "The provider, exactly as it names itself. What it offers is read from there when somebody first signs in.", func(r *reader, n yamlfile.Node, o *oidcDraft) {
			set(&o.Issuer, n, r.issuer)
		}},
		{"client_id", "a line", required, "How the provider calls this program.", func(r *reader, n yamlfile.Node, o *oidcDraft) {
			set(&o.ClientID, n, r.line)
		}},
		{"client_secret", "`${VARIABLE}`", "", "The variable of the environment that holds the secret which the provider gave. The secret itself is refused here.", func(r *reader, n yamlfile.Node, o *oidcDraft) {
			o.ClientSecret = r.secret(n, "client_secret")
		}},
		{"client_secret_file", "a file", "", "The file that holds it; one line end after it is dropped.", func(r *reader, n yamlfile.Node, o *oidcDraft) {
			o.ClientSecret = r.secretFile(n, "client_secret")
		}},
		{"groups_claim", "a line", "`groups`", "The claim that has a person's groups.", func(r *reader, n yamlfile.Node, o *oidcDraft) {
			set(&o.GroupsClaim, n, r.line)
		}},
		{"roles", "a map from a group to a list of roles", required, "Who may do what: `{press-office: [editor, approver]}`. The roles are `viewer`, `editor`, `approver` and `operator`. Whoever is in none of the groups is not let in.", func(r *reader, n yamlfile.Node, o *oidcDraft) {
			o.Roles = r.groupRoles(n)
		}},
		{"name", "a line", "the issuer's host", "What stands on the button.", func(r *reader, n yamlfile.Node, o *oidcDraft) {
			set(&o.Name, n, r.line)
		}},
	}
}

func (r *reader) oidc(n yamlfile.Node, c *Console) {
	d := oidcDraft{OIDC{GroupsClaim: "groups"}}
	found := decode(r, n, "`oidc`", oidcKeys(), &d)
	if found == nil {
		return
	}
	_, secret := found["client_secret"]
	file, both := found["client_secret_file"]
	switch {
	case secret && both:
		file.Fault("`client_secret` and `client_secret_file` stand together", "one of them is wanted")
	case !secret && !both:
		n.Fault("`oidc` has no secret", "`client_secret: ${VARIABLE}` or `client_secret_file` goes with it")
	}
	if d.Name == "" {
		if u, err := url.Parse(d.Issuer); err == nil {
			d.Name = u.Hostname()
		}
	}
	c.OIDC = d.OIDC
}

func (r *reader) groupRoles(n yamlfile.Node) map[string][]string {
	roles := map[string][]string{}
	pairs := n.Pairs()
	if n.Kind() == yamlfile.Mapping && len(pairs) == 0 {
		n.Fault("nobody could sign in: no group has a role", "groups and their roles are wanted, such as press-office: [editor, approver]")
	}
	for _, e := range pairs {
		group, ok := r.line(e.Key)
		names := list(r, e.Value, "roles", func(r *reader, n yamlfile.Node) (string, bool) { return oneOf(r, RoleNames()...)(n) })
		if ok {
			roles[group] = names
		}
	}
	return roles
}

func (r *reader) consoleURL(n yamlfile.Node) (string, bool) {
	s, ok := r.https(n)
	s = strings.TrimRight(s, "/")
	if ok && strings.ContainsAny(s, "?#") {
		n.Fault("`"+shown(s)+"` has a `?` or a `#`", "the address alone is wanted, such as https://dateline.example.org")
		return "", false
	}
	return s, ok
}

// issuer reads a provider's name. On this machine it may be without TLS: nobody
// is between.
func (r *reader) issuer(n yamlfile.Node) (string, bool) {
	if u, err := url.Parse(n.Text()); err == nil && u.Scheme == "http" && loopback(u.Hostname()) {
		return r.line(n)
	}
	return r.https(n)
}

// sessionSpan reads how long a session lasts.
func (r *reader) sessionSpan(n yamlfile.Node) (time.Duration, bool) {
	d, ok := r.duration(n)
	if ok && (d < time.Minute || d > 30*24*time.Hour) {
		n.Fault("`"+shown(n.Text())+"` does not fit", "from 1m to 720h is wanted")
		return 0, false
	}
	return d, ok
}

// checkConsole holds the console's keys against each other, and its listener
// against the others.
func checkConsole(c *Config, inFile, found map[string]yamlfile.Node) {
	if at, given := found["oidc"]; given && c.Console.URL == "" {
		if _, written := found["url"]; !written {
			at.Fault("`oidc` stands without `url`", "the provider sends people back to it; `url: https://…` goes with it")
		}
	}
	listen := c.Console.Listen
	at, given := found["listen"]
	if !given {
		at, given = inFile["console"]
	}
	if listen == "" || !given {
		freeConsole(c)
		return
	}
	if takes(c, listen) {
		at.Fault("something else listens at `"+shown(listen)+"` already", "each listener has an address of its own")
	}
	_, tlsGiven := found["tls"]
	host, _, _ := net.SplitHostPort(listen)
	behind := c.Console.URL != "" && len(c.Console.Proxies) > 0
	if !loopback(host) && !tlsGiven && !behind {
		at.Fault("the console would be served at `"+shown(listen)+"` in plain HTTP: passwords could be read on the way", "`tls` with a certificate is wanted; or `url: https://…` and `trusted_proxies`, where a proxy before it has one; or 127.0.0.1")
	}
}

// freeConsole turns the console off where nobody asked for it, and something else
// listens at its usual address.
func freeConsole(c *Config) {
	if c.Console.Listen != "" && takes(c, c.Console.Listen) {
		c.Console.Listen = ""
	}
}

// takes tells whether a listener has an address, at this or at all of the
// machine's.
func takes(c *Config, address string) bool {
	others := []string{c.Webhooks, c.OptOut.Listen}
	for _, m := range c.Mailboxes {
		others = append(others, m.Listen)
	}
	for _, other := range others {
		if collide(address, other) {
			return true
		}
	}
	return false
}

func collide(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB {
		return false
	}
	return everywhere(hostA) || everywhere(hostB) || strings.EqualFold(hostA, hostB)
}

func everywhere(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}
