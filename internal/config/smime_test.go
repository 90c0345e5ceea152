package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// certified is the good folder whose sender has a certificate for an address,
// with this key, and for this use.
func certified(t *testing.T, key crypto.Signer, address string, use x509.ExtKeyUsage) map[string]string {
	t.Helper()
	files := good(t)
	files["dateline.yaml"] = strings.Replace(files["dateline.yaml"], "    list_id:", "    smime: {cert_file: cert.pem, key_file: key.pem}\n    list_id:", 1)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), EmailAddresses: []string{address}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{use},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	files["cert.pem"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	files["key.pem"] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	return files
}

func TestSMIME(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(write(t, certified(t, key, "Press@conference.example", x509.ExtKeyUsageEmailProtection)), shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := c.SMIME["conference"]
	if !ok || len(s.Chain) != 1 || !c.Senders["conference"].SMIME || !c.Senders["conference"].Signed() {
		t.Errorf("the certificate is %v, the sender %+v", s.Chain, c.Senders["conference"])
	}
	private, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", s.Key, s, s.Key, s.Key); !strings.Contains(shown, "****") || strings.Contains(shown, string(private)) {
		t.Error("the private key is shown")
	}
}

func TestSMIMEFaults(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const address = "press@conference.example"
	mail := x509.ExtKeyUsageEmailProtection
	for name, c := range map[string]struct {
		files  map[string]string
		change func(map[string]string)
		want   string
	}{
		"another's address": {certified(t, key, "desk@conference.example", mail), nil, "the certificate is not for press@conference.example"},
		"a server's":        {certified(t, key, address, x509.ExtKeyUsageServerAuth), nil, "the certificate is not for mail"},
		"another's key": {certified(t, key, address, mail), func(f map[string]string) {
			f["key.pem"] = certified(t, other, address, mail)["key.pem"]
		}, "hold no certificate with its key"},
		"no file":       {certified(t, key, address, mail), func(f map[string]string) { delete(f, "cert.pem") }, "`cert_file` cannot be used: there is no such file"},
		"torn":          {certified(t, key, address, mail), func(f map[string]string) { f["cert.pem"] = f["cert.pem"][:60] }, "hold no certificate with its key"},
		"a kind of key": {certified(t, edwards, address, mail), nil, "of a kind that mail programs cannot check"},
		"no certificate": {certified(t, key, address, mail), func(f map[string]string) {
			f["dateline.yaml"] = strings.Replace(f["dateline.yaml"], "cert_file: cert.pem, ", "", 1)
		}, "`smime` has no `cert_file`"},
	} {
		if c.change != nil {
			c.change(c.files)
		}
		found := faultLines(t, write(t, c.files))
		if len(found) != 1 || !strings.Contains(found[0], c.want) || !strings.HasPrefix(found[0], "dateline.yaml:") {
			t.Errorf("%s: got %q, want …%s…", name, found, c.want)
		}
	}
	if why := weakKey(&rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(5)}}); !strings.Contains(why, "has 3 bits") {
		t.Errorf("a short key: %q", why)
	}
}
