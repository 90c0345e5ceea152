package cli_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/rogpeppe/go-internal/testscript"
)

// dkimCommand makes keys, and checks the mail that came as its receivers would.
//
//	dkim key rsa|ed25519 FILE SELECTOR   write a key, and publish its other half
//	dkim certificate FILE KEY            write an S/MIME certificate for the press desk, and its key
//	dkim holds N                         each mail that was saved has N signatures, and all hold
func dkimCommand(ts *testscript.TestScript, neg bool, args []string) {
	dns := filepath.Join(ts.Getenv("WORK"), "dns")
	switch {
	case !neg && len(args) == 4 && args[0] == "key":
		private, record := newKey(ts, args[1])
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), private, 0o600))
		ts.Check(os.MkdirAll(dns, 0o700))
		ts.Check(os.WriteFile(filepath.Join(dns, args[3]+"._domainkey.conference.example"), []byte(record), 0o600))
	case !neg && len(args) == 3 && args[0] == "certificate":
		certificate, key := newCertificate(ts)
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), certificate, 0o600))
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), key, 0o600))
	case !neg && len(args) == 2 && args[0] == "holds":
		mails, err := filepath.Glob(filepath.Join(ts.Value(catcherKey{}).(*catcher).saved, "*.eml"))
		if ts.Check(err); len(mails) == 0 {
			ts.Fatalf("no mail was saved")
		}
		for _, path := range mails {
			mail, err := os.ReadFile(path)
			ts.Check(err)
			found, err := dkim.VerifyWithOptions(bytes.NewReader(mail), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
				record, err := os.ReadFile(filepath.Join(dns, filepath.Base(name)))
				return []string{string(record)}, err
			}})
			ts.Check(err)
			if fmt.Sprint(len(found)) != args[1] {
				ts.Fatalf("%s has %d signatures", path, len(found))
			}
			for _, v := range found {
				ts.Check(v.Err)
			}
		}
	default:
		ts.Fatalf("usage: dkim key rsa|ed25519 FILE SELECTOR, dkim certificate FILE KEY, dkim holds N")
	}
}

// newCertificate makes a certificate that vouches for itself, and its key.
func newCertificate(ts *testscript.TestScript) (certificate, key []byte) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Press desk"}, EmailAddresses: []string{"press@conference.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	ts.Check(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// newKey makes a private key as a file holds it, and its record in DNS.
func newKey(ts *testscript.TestScript, kind string) (file []byte, record string) {
	var private any
	var public []byte
	if kind == "rsa" {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		ts.Check(err)
		private = key
		public, err = x509.MarshalPKIXPublicKey(key.Public())
		ts.Check(err)
	} else {
		key, half, err := ed25519.GenerateKey(rand.Reader)
		ts.Check(err)
		private, public = half, key
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)
}
