package config

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// pemKeys are private keys as files hold them, made once.
var pemKeys = sync.OnceValue(func() map[string]string {
	pkcs8 := func(key any, err error) string {
		if err != nil {
			panic(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	small, err2 := rsa.GenerateKey(rand.Reader, 1024)
	_, edwards, err3 := ed25519.GenerateKey(rand.Reader)
	curve, err4 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return map[string]string{
		"rsa.pem":   pkcs8(large, err),
		"pkcs1.pem": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(large)})),
		"small.pem": pkcs8(small, err2), "ed.pem": pkcs8(edwards, err3), "curve.pem": pkcs8(curve, err4),
		"torn.pem": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n",
	}
})

// withKeys is the good folder with keys beside it, and a sender that has them.
func withKeys(t *testing.T, dkim string) map[string]string {
	t.Helper()
	files := good(t)
	maps.Copy(files, pemKeys())
	files["dateline.yaml"] = strings.Replace(files["dateline.yaml"], "    list_id:", "    dkim:\n"+dkim+"    list_id:", 1)
	return files
}

func TestDKIMKeys(t *testing.T) {
	c, err := Load(write(t, withKeys(t, "      - {selector: s2027, key_file: rsa.pem}\n      - {selector: s2026, domain: Conference.example, key_file: pkcs1.pem}\n      - {selector: e1, domain: mail.conference.example, key_file: ed.pem}\n")), shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	keys := c.DKIM["conference"]
	var got []string
	for _, k := range keys {
		got = append(got, k.Selector+"._domainkey."+k.Domain+" "+k.Key.Algorithm())
	}
	want := []string{"s2027._domainkey.conference.example rsa", "s2026._domainkey.conference.example rsa", "e1._domainkey.mail.conference.example ed25519"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := c.Senders["conference"].SignedBy; !slices.Equal(s, []string{"conference.example", "mail.conference.example"}) {
		t.Errorf("the sender is signed by %q", s)
	}
	shown := fmt.Sprintf("%v %+v %#v", c, keys, keys[0])
	text, err := keys[0].Key.MarshalText()
	if err != nil || strings.Contains(shown+string(text), keys[0].Key.Reveal().(*rsa.PrivateKey).D.String()) {
		t.Error("the private key is shown")
	}
}

func TestDKIMFaults(t *testing.T) {
	for dkim, want := range map[string]string{
		"      - {selector: s, key_file: none.pem}\n":                                         "`key_file` cannot be used: there is no such file",
		"      - {selector: s, key_file: small.pem}\n":                                        "has 1024 bits",
		"      - {selector: s, key_file: curve.pem}\n":                                        "holds no key that can be used",
		"      - {selector: s, key_file: torn.pem}\n":                                         "holds no key that can be used",
		"      - {selector: s, key_file: releases}\n":                                         "it is no regular file",
		"      - {selector: S 1, key_file: rsa.pem}\n":                                        "`S 1` is no selector",
		"      - {selector: s, key_file: rsa.pem}\n      - {selector: s, key_file: ed.pem}\n": "`s` stands twice for conference.example",
		"      - {selector: s, key_file: ed.pem}\n":                                           "Ed25519 alone",
		"      - {selector: s, domain: other.example, key_file: rsa.pem}\n":                   "of another organisation",
		"      - {selector: s, domain: example, key_file: rsa.pem}\n":                         "has no dot",
		"      - {key_file: rsa.pem}\n":                                                       "has no `selector`",
		"      - {selector: s, key: rsa.pem, key_file: rsa.pem}\n":                            "unknown key `key`",
		"      []\n": "the list is empty",
	} {
		found := faultLines(t, write(t, withKeys(t, dkim)))
		if len(found) != 1 || !strings.Contains(found[0], want) || !strings.HasPrefix(found[0], "dateline.yaml:") {
			t.Errorf("%s: got %q, want …%s…", strings.TrimSpace(dkim), found, want)
		}
	}
}

// Both have to be of one organisation, by the list of public suffixes.
func TestAligned(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"conference.example", "conference.example"}:      true,
		{"mail.conference.example", "conference.example"}: true,
		{"news.un.org", "mail.un.org"}:                    true,
		{"conference.example", "other.example"}:           false,
		{"a.co.uk", "b.co.uk"}:                            false,
		{"uz", "un.uz"}:                                   false,
	} {
		if got := aligned(pair[0], pair[1]); got != want {
			t.Errorf("%s: %v, want %v", pair, got, want)
		}
	}
}
