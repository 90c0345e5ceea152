package config

import (
	"net/netip"
	"strings"

	"dateline/internal/yamlfile"
)

// OptOut is where journalists reach the pages behind the links in their mail;
// the zero value where mail has no such links.
type OptOut struct {
	URL     string         // https://HOST[/PATH], without a slash at its end
	Listen  string         // HOST:PORT; empty where another daemon serves the pages
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
}

func optOutKeys() []key[OptOut] {
	return []key[OptOut]{
		{"url", "an https address", required, "What the links begin with, as journalists reach it. It is part of what is approved, and must answer for years.", func(r *reader, n yamlfile.Node, o *OptOut) {
			set(&o.URL, n, r.optOutURL)
		}},
		{"listen", "`HOST:PORT`", "", "Where this daemon serves the pages, in plain HTTP: put your TLS proxy before it. Without it another daemon of the same store does.", func(r *reader, n yamlfile.Node, o *OptOut) {
			set(&o.Listen, n, r.hostPort)
		}},
		{"trusted_proxies", "a list of networks", "", "The proxies whose `X-Forwarded-For` tells who is asking: `[127.0.0.1/32]`. Of others it is not believed.", func(r *reader, n yamlfile.Node, o *OptOut) {
			o.Proxies = list(r, n, "networks", (*reader).network)
		}},
	}
}

// maxOptOutURL leaves room for the token within a header's line.
const maxOptOutURL = 200

func (r *reader) optOutURL(n yamlfile.Node) (string, bool) {
	s, ok := r.https(n)
	s = strings.TrimRight(s, "/")
	switch {
	case !ok:
		return "", false
	case strings.ContainsAny(s, "?#,"):
		n.Fault("`"+shown(s)+"` has a `?`, a `#` or a comma", "the address alone is wanted, such as https://press.example.org")
		return "", false
	case len(s) > maxOptOutURL:
		n.Fault("the address is too long", "at most 200 characters are wanted, for a token comes behind it")
		return "", false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			n.Fault("`"+shown(s)+"` has other than ASCII characters", "the address as it stands in a header is wanted, its host name in ASCII (xn--…)")
			return "", false
		}
	}
	return s, true
}

func (r *reader) network(n yamlfile.Node) (netip.Prefix, bool) {
	s, ok := r.line(n)
	if !ok {
		return netip.Prefix{}, false
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		one, err := netip.ParseAddr(s)
		if err != nil {
			n.Fault("`"+shown(s)+"` is no network", "one such as 10.0.0.0/8 or 127.0.0.1 is wanted")
			return netip.Prefix{}, false
		}
		p = netip.PrefixFrom(one, one.BitLen())
	}
	return p.Masked(), true
}

// giveOptOut puts the links into the senders, with whom they are frozen. The
// mail that opts out goes to where bounces come back, with a token.
func giveOptOut(c *Config) {
	for id, s := range c.Senders {
		s.OptOut = c.OptOut.URL
		c.Senders[id] = s
	}
}

// checkOptOut holds the listener against the others.
func checkOptOut(c *Config, found map[string]yamlfile.Node) {
	at, given := found["optout"]
	if !given || c.OptOut.Listen == "" {
		return
	}
	taken := c.OptOut.Listen == c.Webhooks
	for _, m := range c.Mailboxes {
		taken = taken || m.Listen == c.OptOut.Listen
	}
	if taken {
		at.Fault("something else listens at `"+shown(c.OptOut.Listen)+"` already", "each listener has an address of its own")
	}
}
