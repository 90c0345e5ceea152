package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"dateline/internal/yamlfile"
)

// SMIME is the certificate by which a sender's mail is signed.
type SMIME struct {
	Chain []*x509.Certificate // the sender's own first, then those that vouch for it
	Key   PrivateKey
}

// smimeDraft is a certificate while it is read.
type smimeDraft struct {
	SMIME
	at                yamlfile.Node
	cert, private     []byte
	certFile, keyFile yamlfile.Node
}

func smimeKeys() []key[smimeDraft] {
	return []key[smimeDraft]{
		{"cert_file", "a file", required, "The certificate for the address in `from`, then those that vouch for it but for the root's, in PEM form.", func(r *reader, n yamlfile.Node, d *smimeDraft) {
			d.certFile, d.cert = n, r.outsideFile(n, "cert_file")
		}},
		{"key_file", "a file", required, "Its private key in PEM form, not encrypted: RSA of 2048 bits or more, or ECDSA. Keep it out of this folder's repository.", func(r *reader, n yamlfile.Node, d *smimeDraft) {
			d.keyFile, d.private = n, r.outsideFile(n, "key_file")
		}},
	}
}

func (r *reader) smime(n yamlfile.Node) *smimeDraft {
	d := &smimeDraft{at: n}
	if decode(r, n, "`smime`", smimeKeys(), d) == nil {
		return nil
	}
	return d
}

// outsideFile reads a file that may lie anywhere. No fault quotes it.
func (r *reader) outsideFile(n yamlfile.Node, name string) []byte {
	path := r.pathOf(n)
	if path == "" {
		return nil
	}
	raw, why := outside(path)
	if why != "" {
		n.Fault("`"+name+"` cannot be used: "+why, "a PEM file is wanted; a relative path is relative to the config folder")
	}
	return raw
}

// completeSMIME holds a certificate to its key and to the sender's address, and
// answers whether it can sign.
func (d *senderDraft) completeSMIME() bool {
	s := d.smime
	if s == nil || s.cert == nil || s.private == nil {
		return false
	}
	pair, err := tls.X509KeyPair(s.cert, s.private)
	if err != nil {
		s.at.Fault("`cert_file` and `key_file` hold no certificate with its key", "two PEM files that belong together are wanted, the key not encrypted")
		return false
	}
	for _, der := range pair.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			s.certFile.Fault("a certificate in `cert_file` cannot be read", "PEM blocks of the type CERTIFICATE are wanted")
			return false
		}
		s.Chain = append(s.Chain, c)
	}
	leaf := s.Chain[0]
	if why := weakKey(pair.PrivateKey); why != "" {
		s.keyFile.Fault(why, "RSA of 2048 bits or more, or ECDSA, is wanted")
		return false
	}
	if !slices.ContainsFunc(leaf.EmailAddresses, func(a string) bool { return strings.EqualFold(a, string(d.From)) }) {
		s.certFile.Fault(fmt.Sprintf("the certificate is not for %s", d.From), "one whose subject alternative names have the address in `from` is wanted; it has: "+strings.Join(leaf.EmailAddresses, ", "))
		return false
	}
	if !slices.ContainsFunc(leaf.ExtKeyUsage, func(u x509.ExtKeyUsage) bool {
		return u == x509.ExtKeyUsageEmailProtection || u == x509.ExtKeyUsageAny
	}) && len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0 {
		s.certFile.Fault("the certificate is not for mail", "one whose extended key usage is emailProtection is wanted")
		return false
	}
	s.Key = PrivateKey{pair.PrivateKey.(crypto.Signer)}
	d.Sender.SMIME = true
	return true
}

// weakKey says why a key signs no mail.
func weakKey(k crypto.PrivateKey) string {
	switch k := k.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < minRSA {
			return fmt.Sprintf("the RSA key in `key_file` has %d bits, which can be broken", k.N.BitLen())
		}
		return ""
	case *ecdsa.PrivateKey:
		return ""
	default:
		return "the key in `key_file` is of a kind that mail programs cannot check"
	}
}
