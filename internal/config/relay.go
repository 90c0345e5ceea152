package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"dateline/internal/yamlfile"
)

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// relayHost reads a host, or the path of a socket.
func (r *reader) relayHost(n yamlfile.Node) (string, bool) {
	if s, ok := r.line(n); !ok || isSocket(s) {
		return s, ok
	}
	return r.host(n)
}

func isSocket(host string) bool { return strings.HasPrefix(host, "/") }

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

// outgoing reads an address that receivers see.
func (r *reader) outgoing(n yamlfile.Node) (netip.Addr, bool) {
	s, ok := r.line(n)
	if !ok {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" || a.IsUnspecified() || a.IsMulticast() {
		n.Fault("`"+shown(s)+"` is no IP address that mail leaves by", "one such as 198.51.100.7 or 2001:db8::7 is wanted")
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

// timeServer reads a host, with a port or without.
func (r *reader) timeServer(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, "123"
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 || net.ParseIP(host) == nil && !hostName(host) {
		n.Fault("`"+shown(s)+"` is no time server", "HOST or HOST:PORT is wanted, such as ntp.example.org")
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

// clientFile reads a file that proves who we are to the relay; whether the two
// belong together is checked once both are known.
func (r *reader) clientFile(n yamlfile.Node, name string) string {
	path := r.pathOf(n)
	if path == "" {
		return ""
	}
	if _, why := outside(path); why != "" {
		n.Fault("`"+name+"` cannot be used: "+why, "a file in PEM form is wanted; a relative path is relative to the config folder")
		return ""
	}
	return path
}

// checkClient holds a relay's client certificate and its key against each other.
func (r *reader) checkClient(d relayDraft, found map[string]yamlfile.Node) {
	cert, hasCert := found["client_cert"]
	key, hasKey := found["client_key"]
	switch {
	case hasCert && !hasKey:
		cert.Fault("`client_cert` stands without its key", "`client_key` goes with it")
	case hasKey && !hasCert:
		key.Fault("`client_key` stands without its certificate", "`client_cert` goes with it")
	case hasCert && d.TLS == "none":
		cert.Fault("`client_cert` does nothing without TLS", "it goes with `tls: required` or `implicit`")
	case d.ClientCert != "" && d.ClientKey != "":
		// The error may quote the key; it is not shown.
		if _, err := tls.LoadX509KeyPair(d.ClientCert, d.ClientKey); err != nil {
			key.Fault("`client_cert` and `client_key` are no pair", "a certificate in PEM form and its own private key, not encrypted, are wanted")
		}
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
	case err == nil && othersWrite(info):
		return nil, fmt.Sprintf("everybody on this machine can write it (its mode is %04o; `chmod o-w` mends that)", info.Mode().Perm())
	}
	if raw, err = os.ReadFile(path); err != nil {
		return nil, "it may not be read by this user"
	}
	return raw, ""
}
