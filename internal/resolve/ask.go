package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// TXT gives the TXT records of a name, each with its strings put together.
func (r Resolver) TXT(ctx context.Context, name string) ([]string, error) {
	found, err := r.ask(ctx, name, dns.TypeTXT)
	var all []string
	for _, rr := range found {
		if t, ok := rr.(*dns.TXT); ok {
			all = append(all, unescape(strings.Join(t.Txt, "")))
		}
	}
	return all, err
}

// MX gives the mail exchangers of a domain, the preferred one first; one that is
// "." says that the domain takes no mail.
func (r Resolver) MX(ctx context.Context, domain string) ([]string, error) {
	found, err := r.ask(ctx, domain, dns.TypeMX)
	var all []*dns.MX
	for _, rr := range found {
		if mx, ok := rr.(*dns.MX); ok {
			all = append(all, mx)
		}
	}
	slices.SortStableFunc(all, func(a, b *dns.MX) int { return int(a.Preference) - int(b.Preference) })
	hosts := make([]string, len(all))
	for i, mx := range all {
		hosts[i] = mx.Mx
	}
	return hosts, err
}

// Addresses gives the addresses of a host, by A and AAAA.
func (r Resolver) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		found, err := r.ask(ctx, host, kind)
		if err != nil {
			return nil, err
		}
		for _, rr := range found {
			var ip net.IP
			switch a := rr.(type) {
			case *dns.A:
				ip = a.A
			case *dns.AAAA:
				ip = a.AAAA
			}
			if a, ok := netip.AddrFromSlice(ip); ok {
				all = append(all, a.Unmap())
			}
		}
	}
	return all, nil
}

// Names gives the names of an address (PTR), without the dot at their end.
func (r Resolver) Names(ctx context.Context, ip netip.Addr) ([]string, error) {
	reverse, err := dns.ReverseAddr(ip.String())
	if err != nil {
		return nil, fmt.Errorf("the address %s has no place in DNS: %w", ip, err)
	}
	found, err := r.ask(ctx, reverse, dns.TypePTR)
	var all []string
	for _, rr := range found {
		if p, ok := rr.(*dns.PTR); ok {
			all = append(all, strings.TrimSuffix(p.Ptr, "."))
		}
	}
	return all, err
}

// DialContext connects to a host whose address is asked for as others would.
func (r Resolver) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	if _, err := netip.ParseAddr(host); err == nil {
		return d.DialContext(ctx, network, address)
	}
	ips, err := r.Addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	refused := fmt.Errorf("%s has no address", host)
	for _, ip := range ips {
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(ip.String(), port))
		if err == nil {
			return conn, nil
		}
		refused = err
	}
	return nil, refused
}

// ask puts one question to the servers until one of them answers: with nothing
// where it says that there is nothing.
func (r Resolver) ask(ctx context.Context, name string, kind uint16) ([]dns.RR, error) {
	ctx, cancel := context.WithTimeout(ctx, perQuestion)
	defer cancel()
	failed := r.why
	tries := r.servers
	if len(tries) == 1 {
		tries = append(slices.Clone(tries), tries...)
	}
	for _, server := range tries {
		if ctx.Err() != nil {
			break
		}
		answer, err := exchange(ctx, server, name, kind)
		if err == nil {
			return answer, nil
		}
		failed = err
	}
	if failed == nil {
		failed = ctx.Err()
	}
	return nil, unknown{fmt.Errorf("asking for the %s of %s: %w", what(kind), strings.TrimSuffix(name, "."), failed)}
}

// unknown is a question without an answer, which says nothing of what was asked
// about.
type unknown struct{ error }

// Unwrap gives the cause.
func (u unknown) Unwrap() error { return u.error }

// Temporary tells that it may be known later, as net.Error has it.
func (unknown) Temporary() bool { return true }

func what(kind uint16) string {
	switch kind {
	case dns.TypeA, dns.TypeAAAA:
		return "address"
	case dns.TypePTR:
		return "name"
	default:
		return dns.TypeToString[kind]
	}
}

// exchange asks one server once, over TCP where the answer is too long for UDP.
func exchange(ctx context.Context, server, name string, kind uint16) ([]dns.RR, error) {
	const udpSize = 1232 // what no network cuts up
	q := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	q.SetEdns0(udpSize, false)
	c := dns.Client{Timeout: perTry}
	answer, _, err := c.ExchangeContext(ctx, q, server)
	if err == nil && answer.Truncated {
		c.Net = "tcp"
		answer, _, err = c.ExchangeContext(ctx, q, server)
	}
	if err != nil {
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			return nil, fmt.Errorf("no answer in time from %s", server)
		}
		return nil, err
	}
	nothing := len(answer.Answer) == 0
	switch {
	case answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError:
		return nil, fmt.Errorf("%s answers %s", server, dns.RcodeToString[answer.Rcode])
	case nothing && !answer.Authoritative && !answer.RecursionAvailable:
		return nil, fmt.Errorf("%s does not answer for others", server)
	}
	return answer.Answer, nil
}

// unescape gives the bytes of a text that the library has in the form of a zone
// file (RFC 1035, 5.1).
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) && digits(s[i+1:i+4]) {
			b.WriteByte((s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0')
			i += 3
			continue
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < '0' || c > '9' })
}
