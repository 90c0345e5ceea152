package config

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/publicsuffix"

	"dateline/internal/yamlfile"
)

// DKIM is one key by which a sender's mail is signed. Where there are several,
// every mail has a signature of each.
type DKIM struct {
	Domain   string // in ASCII
	Selector string
	Key      PrivateKey
}

// PrivateKey is a key that prints as a row of stars, everywhere but in Reveal.
type PrivateKey struct{ signer crypto.Signer }

// Reveal gives the key, to the one place that signs with it.
func (k PrivateKey) Reveal() crypto.Signer { return k.signer }

// String hides the key.
func (PrivateKey) String() string { return "********" }

// GoString hides the key from %#v.
func (PrivateKey) GoString() string { return "********" }

// MarshalText hides the key from encoders.
func (PrivateKey) MarshalText() ([]byte, error) { return []byte("********"), nil }

// Algorithm is the key's, as DKIM's k= tag names it: rsa or ed25519.
func (k PrivateKey) Algorithm() string {
	if _, ok := k.signer.(ed25519.PrivateKey); ok {
		return "ed25519"
	}
	return "rsa"
}

// minRSA is the shortest key that is worth its signature (RFC 8301 wants 2048
// bits of signers).
const minRSA = 2048

func dkimKeys() []key[DKIM] {
	return []key[DKIM]{
		{"selector", "dot-separated words of ASCII", required, "Where the public key stands in DNS: at `SELECTOR._domainkey.DOMAIN`.", func(r *reader, n yamlfile.Node, d *DKIM) {
			set(&d.Selector, n, r.selector)
		}},
		{"domain", "a mail domain", "that of `from`", "The domain that signs. It is that of `from`, or one of the same organisation, or else the signature counts for nothing with DMARC.", func(r *reader, n yamlfile.Node, d *DKIM) {
			set(&d.Domain, n, r.domain)
		}},
		{"key_file", "a file", required, "The private key in PEM form, not encrypted: RSA of 2048 bits or more, or Ed25519. Keep it out of this folder's repository.", func(r *reader, n yamlfile.Node, d *DKIM) {
			d.Key = r.privateKey(n)
		}},
	}
}

var selectorForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

func (r *reader) selector(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if ok && (len(s) > 63 || !selectorForm.MatchString(s)) {
		n.Fault("`"+shown(s)+"` is no selector", "small letters, digits and hyphens are wanted, such as s2027")
		return "", false
	}
	return s, ok
}

// privateKey reads a key from the file that is named. No fault quotes the file.
func (r *reader) privateKey(n yamlfile.Node) PrivateKey {
	path := r.pathOf(n)
	if path == "" {
		return PrivateKey{}
	}
	const want = "a PEM file with one private key is wanted: RSA of 2048 bits or more, or Ed25519; a relative path is relative to the config folder"
	raw, why := outside(path)
	if why != "" {
		n.Fault("`key_file` cannot be used: "+why, want)
		return PrivateKey{}
	}
	signer, err := mail.PrivKeyFromPEM(raw)
	if err != nil {
		n.Fault("`key_file` holds no key that can be used", want)
		return PrivateKey{}
	}
	if k, ok := signer.(*rsa.PrivateKey); ok && k.N.BitLen() < minRSA {
		n.Fault(fmt.Sprintf("the RSA key in `key_file` has %d bits, which can be broken", k.N.BitLen()), "2048 bits or more are wanted")
		return PrivateKey{}
	}
	return PrivateKey{signer}
}

// dkim reads a sender's keys.
func (r *reader) dkim(n yamlfile.Node) (keys []DKIM, at []yamlfile.Node) {
	for _, item := range items(n, "keys") {
		var d DKIM
		if decode(r, item, "the DKIM key", dkimKeys(), &d) != nil {
			keys, at = append(keys, d), append(at, item)
		}
	}
	return keys, at
}

// completeDKIM gives the keys their domain and holds them to the sender's
// address and to each other.
func (d *senderDraft) completeDKIM() {
	if d.From == "" {
		return // told already
	}
	from := d.From.Domain()
	seen := map[string]bool{}
	for i := range d.dkim {
		k, at := &d.dkim[i], d.dkimAt[i]
		if k.Domain == "" {
			k.Domain = from
		}
		if !aligned(k.Domain, from) {
			at.Fault("`"+shown(k.Domain)+"` signs for `"+shown(from)+"`, which is of another organisation", "the domain of `from`, or one above or beside it, is wanted: DMARC asks for that")
		}
		if name := k.Selector + "._domainkey." + k.Domain; k.Selector != "" && seen[name] {
			at.Fault("`"+shown(k.Selector)+"` stands twice for "+k.Domain, "each key has a selector of its own")
		} else {
			seen[name] = true
		}
		d.SignedBy = append(d.SignedBy, k.Domain)
	}
	rsaKey := slices.ContainsFunc(d.dkim, func(k DKIM) bool { return k.Key.Algorithm() == "rsa" })
	if len(d.dkim) > 0 && !rsaKey {
		d.dkimAt[0].Fault("the mail is signed with Ed25519 alone, which most receivers cannot check", "an RSA key is wanted beside it")
	}
	slices.Sort(d.SignedBy)
	d.SignedBy = slices.Compact(d.SignedBy)
}

// aligned tells whether two domains are of one organisation (RFC 7489, relaxed
// alignment).
func aligned(a, b string) bool {
	orgA, errA := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(a))
	orgB, errB := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(b))
	return strings.EqualFold(a, b) || errA == nil && errB == nil && orgA == orgB
}
