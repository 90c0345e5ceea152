package sign

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
)

// certificate is one for the press desk, vouched for by an authority of the
// test's own; roots has that.
func certificate(t testing.TB, key crypto.Signer) (chain []*x509.Certificate, roots *x509.CertPool) {
	t.Helper()
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from, until := noon().AddDate(-1, 0, 0), noon().AddDate(1, 0, 0)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "An authority"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Press desk"}, EmailAddresses: []string{"press@conference.example"},
		NotBefore: from, NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
	}
	var made []*x509.Certificate
	for _, c := range []struct {
		template *x509.Certificate
		public   crypto.PublicKey
	}{{leaf, key.Public()}, {root, authority.Public()}} {
		der, err := x509.CreateCertificate(rand.Reader, c.template, root, c.public, authority)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, parsed)
	}
	roots = x509.NewCertPool()
	roots.AddCert(made[1])
	return made, roots
}

// opened reads a signed message as a mail program does: what was signed, to the
// byte, and the signature.
func opened(t *testing.T, message []byte) (header mail.Header, entity []byte, signature *pkcs7.PKCS7) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/signed" || params["protocol"] != "application/pkcs7-signature" || params["micalg"] != "sha-256" {
		t.Fatalf("Content-Type is %s %v, %v", kind, params, err)
	}
	mark := []byte("--" + params["boundary"])
	_, rest, _ := bytes.Cut(message, append(mark[:len(mark):len(mark)], "\r\n"...))
	entity, _, ok := bytes.Cut(rest, append([]byte("\r\n"), mark...))
	if !ok {
		t.Fatal("the first part has no end")
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	if _, err := parts.NextRawPart(); err != nil {
		t.Fatal(err)
	}
	part, err := parts.NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	der, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
	if err != nil {
		t.Fatal(err)
	}
	if signature, err = pkcs7.Parse(der); err != nil {
		t.Fatal(err)
	}
	return m.Header, entity, signature
}

func TestSMIME(t *testing.T) {
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": keys(t)[0].Private, "ECDSA": elliptical} {
		chain, roots := certificate(t, key)
		c, err := NewCertificate(chain[:1], key)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := c.Sign([]byte(letter), noon())
		if err != nil {
			t.Fatal(err)
		}
		header, entity, signature := opened(t, signed)
		if want := "Content-Type: text/plain; charset=UTF-8\r\n\r\nThe text.  \r\n.\r\nA line behind a dot.\r\n"; string(entity) != want {
			t.Errorf("%s: what is signed is %q, want %q", name, entity, want)
		}
		if len(header["Content-Type"]) != 1 || header.Get("Subject") == "" || header.Get("List-Unsubscribe-Post") == "" {
			t.Errorf("%s: the headers are %v", name, header)
		}
		signature.Content = entity
		at := noon()
		if err := signature.VerifyWithChainAtTime(roots, at); err != nil {
			t.Errorf("%s: the signature does not hold: %v", name, err)
		}
		signature.Content = bytes.Replace(entity, []byte("The text"), []byte("The test"), 1)
		if err := signature.VerifyWithChainAtTime(roots, at); err == nil {
			t.Errorf("%s: another text is taken", name)
		}
		// DKIM goes over the whole.
		both, err := signer(t, keys(t)).Append(nil, signed, noon())
		if err != nil {
			t.Fatal(err)
		}
		if n, good := verify(t, both, zone(t, keys(t))); n != 2 || good != 2 {
			t.Errorf("%s: %d of %d DKIM signatures hold", name, good, n)
		}
		for i, line := range strings.Split(string(signed), "\r\n") {
			if len(line) > 78 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%s: line %d is %q", name, i+1, line)
			}
		}
	}
}

func TestSMIMERefuses(t *testing.T) {
	key := keys(t)[0].Private
	chain, _ := certificate(t, key)
	c, err := NewCertificate(chain, key)
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]struct {
		message string
		at      time.Time
		want    string
	}{
		"expired":   {letter, noon().AddDate(2, 0, 0), "holds from 2026-03-04T13:00:00Z to 2028-03-04T13:00:00Z, and not at 2029-03-04T13:00:00Z"},
		"too early": {letter, noon().AddDate(-2, 0, 0), "and not at 2025-03-04"},
		"no body":   {"Subject: a\r\n", noon(), "no headers"},
		"no type":   {"Subject: a\r\n\r\nb\r\n", noon(), "no headers"},
	} {
		if _, err := c.Sign([]byte(of.message), of.at); err == nil || !strings.Contains(err.Error(), of.want) {
			t.Errorf("%s: %v, want …%s…", name, err, of.want)
		}
	}
	if _, err := NewCertificate(nil, key); err == nil {
		t.Error("no certificate is one")
	}
}
