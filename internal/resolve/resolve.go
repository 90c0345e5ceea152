// Package resolve asks DNS where the mail of a domain goes, and what else stands
// there for those who send and get mail.
//
// It promises to tell apart a domain that has nothing from one of which nothing
// could be learnt just now: only a server's own word that there is nothing
// counts. It asks DNS alone, never the machine's own list of hosts, for what
// stands there nobody else sees. It never speaks to a mail server.
//
// It fails where no answer comes in time, the server refuses or does not answer
// for others, or the answer is not one; what it says of a name then is not known.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/miekg/dns"

	"dateline/internal/press"
)

// Resolver asks one DNS server, or the machine's own. Make it with New.
type Resolver struct {
	servers []string // HOST:PORT
	why     error    // there is none
}

const (
	perDomain   = 10 * time.Second // all questions of where a domain's mail goes
	perQuestion = 3 * time.Second
	perTry      = 1500 * time.Millisecond // a datagram may be lost
)

// New asks the server at HOST:PORT, or where that is empty those of the machine.
func New(server string) Resolver {
	if server != "" {
		return Resolver{servers: []string{server}}
	}
	const path = "/etc/resolv.conf"
	c, err := dns.ClientConfigFromFile(path)
	if err == nil && len(c.Servers) == 0 {
		err = errors.New(path + " names no server")
	}
	if err != nil {
		return Resolver{why: fmt.Errorf("this machine's DNS servers are not known: %w", err)}
	}
	r := Resolver{}
	for _, s := range c.Servers {
		r.servers = append(r.servers, net.JoinHostPort(s, c.Port))
	}
	return r
}

// Mail tells how a domain takes mail: by MX, or where there is none by its own
// address (RFC 5321, 5.1), or not at all (RFC 7505).
func (r Resolver) Mail(ctx context.Context, domain string) (press.DomainMail, error) {
	ctx, cancel := context.WithTimeout(ctx, perDomain)
	defer cancel()
	mx, err := r.MX(ctx, domain)
	switch {
	case err != nil:
		return press.DomainMail{}, err
	case len(mx) == 1 && mx[0] == ".":
		return press.DomainMail{Domain: domain, Found: press.MailNull, Detail: "it says that it takes no mail (RFC 7505)"}, nil
	case len(mx) > 0:
		return press.DomainMail{Domain: domain, Found: press.MailMX, Detail: mx[0]}, nil
	}
	addresses, err := r.Addresses(ctx, domain)
	switch {
	case err != nil:
		return press.DomainMail{}, err
	case len(addresses) > 0:
		return press.DomainMail{Domain: domain, Found: press.MailAddress, Detail: addresses[0].String()}, nil
	}
	return press.DomainMail{Domain: domain, Found: press.MailNone, Detail: "it has neither an MX nor an address"}, nil
}
