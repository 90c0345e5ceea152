package resolve

import (
	"context"
	"net"
	"net/netip"

	"blitiri.com.ar/go/spf"
)

// SPF tells what SPF says of mail from an address with this envelope's sender,
// by the names of RFC 7208, 2.6, with a word on why.
func (r Resolver) SPF(ctx context.Context, ip netip.Addr, sender string) (result, detail string) {
	verdict, err := spf.CheckHostWithSender(net.IP(ip.AsSlice()), "", sender, spf.WithContext(ctx), spf.WithResolver(forSPF{r}))
	if err != nil {
		detail = err.Error()
	}
	return string(verdict), detail
}

// forSPF is the resolver as the library wants it: that there is nothing is an
// error there.
type forSPF struct{ Resolver }

// LookupTXT gives the texts of a name.
func (r forSPF) LookupTXT(ctx context.Context, name string) ([]string, error) {
	found, err := r.TXT(ctx, name)
	return orNothing(name, found, err)
}

// LookupMX gives the exchangers of a domain.
func (r forSPF) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	hosts, err := r.MX(ctx, name)
	var all []*net.MX
	for _, h := range hosts {
		all = append(all, &net.MX{Host: h})
	}
	return orNothing(name, all, err)
}

// LookupIPAddr gives the addresses of a host.
func (r forSPF) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	found, err := r.Addresses(ctx, host)
	var all []net.IPAddr
	for _, ip := range found {
		all = append(all, net.IPAddr{IP: ip.AsSlice()})
	}
	return orNothing(host, all, err)
}

// LookupAddr gives the names of an address.
func (r forSPF) LookupAddr(ctx context.Context, address string) ([]string, error) {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return nil, err
	}
	names, err := r.Names(ctx, ip)
	return orNothing(address, names, err)
}

func orNothing[T any](name string, found []T, err error) ([]T, error) {
	switch {
	case err != nil:
		return nil, &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true, UnwrapErr: err}
	case len(found) == 0:
		return nil, &net.DNSError{Err: "there is nothing", Name: name, IsNotFound: true}
	}
	return found, nil
}
