// Package resolve asks DNS where the mail of a domain goes.
//
// It promises to tell apart a domain that takes no mail from one of which
// nothing could be learnt just now: only a server's own word that there is
// nothing counts. It never speaks to a mail server.
//
// It fails where no answer comes in time, the server refuses, or the answer is
// not one; what it says of a domain then is not known.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"dateline/internal/press"
)

// Resolver asks one DNS server, or the machine's own. Make it with New.
type Resolver struct{ dns *net.Resolver }

// perDomain bounds one domain's questions.
const perDomain = 10 * time.Second

// New asks the server at HOST:PORT, or where that is empty those of the machine.
func New(server string) Resolver {
	r := &net.Resolver{PreferGo: true, StrictErrors: true}
	if server != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, server)
		}
	}
	return Resolver{r}
}

// Mail tells how a domain takes mail: by MX, or where there is none by its own
// address (RFC 5321, 5.1), or not at all (RFC 7505).
func (r Resolver) Mail(ctx context.Context, domain string) (press.DomainMail, error) {
	ctx, cancel := context.WithTimeout(ctx, perDomain)
	defer cancel()
	mx, err := r.dns.LookupMX(ctx, domain+".")
	switch {
	case err == nil && len(mx) == 1 && (mx[0].Host == "." || mx[0].Host == ""):
		return press.DomainMail{Domain: domain, Found: press.MailNull, Detail: "it says that it takes no mail (RFC 7505)"}, nil
	case len(mx) > 0:
		return press.DomainMail{Domain: domain, Found: press.MailMX, Detail: mx[0].Host}, nil
	case err != nil && !isNothing(err):
		return press.DomainMail{}, fmt.Errorf("asking for the MX of %s: %w", domain, err)
	}
	addresses, err := r.dns.LookupIPAddr(ctx, domain+".")
	switch {
	case len(addresses) > 0:
		return press.DomainMail{Domain: domain, Found: press.MailAddress, Detail: addresses[0].String()}, nil
	case err != nil && !isNothing(err):
		return press.DomainMail{}, fmt.Errorf("asking for the address of %s: %w", domain, err)
	}
	return press.DomainMail{Domain: domain, Found: press.MailNone, Detail: "it has neither an MX nor an address"}, nil
}

// isNothing tells the server's word that there is nothing.
func isNothing(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}
