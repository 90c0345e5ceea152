package doctor

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// KeyRecord is a DKIM key as it stands in DNS.
type KeyRecord struct {
	Public  crypto.PublicKey // *rsa.PublicKey or ed25519.PublicKey
	Testing bool             // receivers treat what fails as unsigned
}

// minVerified is the shortest RSA key that receivers look at (RFC 8301, 3.2).
const minVerified = 1024

// ParseKeyRecord reads a record (RFC 6376, 3.6.1) as a receiver of mail does.
func ParseKeyRecord(record string) (KeyRecord, error) {
	var r KeyRecord
	t, err := tags(record)
	if err != nil {
		return r, err
	}
	first, _, _ := strings.Cut(record, "=")
	version, given := t["v"]
	if given && (version != "DKIM1" || strings.TrimSpace(first) != "v") {
		return r, errors.New("`v=DKIM1` does not stand first")
	}
	if hashes, given := t["h"]; given && !lists(hashes, "sha256") {
		return r, errors.New("`h=` does not allow sha256, which mail is signed with")
	}
	if services, given := t["s"]; given && !lists(services, "*") && !lists(services, "email") {
		return r, errors.New("`s=` does not allow mail")
	}
	r.Testing = lists(t["t"], "y")
	p, given := t["p"]
	switch {
	case !given:
		return r, errors.New("it has no `p=`")
	case p == "":
		return r, errors.New("its `p=` is empty: the key is revoked")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(p), ""))
	if err != nil {
		return r, errors.New("its `p=` is no base64")
	}
	r.Public, err = publicKey(t["k"], raw)
	return r, err
}

// lists tells whether a word stands in a list with colons.
func lists(list, word string) bool {
	for one := range strings.SplitSeq(list, ":") {
		if strings.TrimSpace(one) == word {
			return true
		}
	}
	return false
}

func publicKey(kind string, raw []byte) (crypto.PublicKey, error) {
	switch kind {
	case "", "rsa":
		key, err := x509.ParsePKIXPublicKey(raw)
		if err != nil {
			key, err = x509.ParsePKCS1PublicKey(raw) // erratum 3017 allows both
		}
		public, ok := key.(*rsa.PublicKey)
		if err != nil || !ok {
			return nil, errors.New("its `p=` is no RSA key")
		}
		if public.N.BitLen() < minVerified {
			return nil, fmt.Errorf("its RSA key has %d bits, and receivers look at none below %d", public.N.BitLen(), minVerified)
		}
		return public, nil
	case "ed25519":
		if len(raw) != ed25519.PublicKeySize {
			return nil, errors.New("its `p=` is no Ed25519 key")
		}
		return ed25519.PublicKey(raw), nil
	default:
		return nil, fmt.Errorf("no receiver knows `k=%s`", shown(kind))
	}
}

// keyToPublish is the record of a key of ours.
func keyToPublish(k Key) *Record {
	if public, ok := k.Public.(ed25519.PublicKey); ok {
		return txt(k.Name(), "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public))
	}
	der, err := x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		return nil // it is of a kind that config does not let in
	}
	return txt(k.Name(), "v=DKIM1; k=rsa; p="+base64.StdEncoding.EncodeToString(der))
}

// signature is what receivers will find of a key's signatures.
type signature struct {
	domain string
	stands stands
	rsa    bool // which every receiver can check
}

// judgeKeys tells of each key whether its other half is published. A key that
// does not stand is a fault where no other signature does that every receiver
// can check; beside one, receivers pass it by.
func judgeKeys(s Sender) ([]Finding, []signature) {
	if len(s.Keys) == 0 {
		return []Finding{{
			Check: "dkim", Of: s.From, Level: NotKnown, What: "mail is not signed here, and nothing tells whether a relay signs it",
			Want: "a key in `dkim` of the sender; or a relay that signs for " + s.From,
		}}, []signature{{s.From, maybe, true}}
	}
	var found []Finding
	var all []signature
	for _, k := range s.Keys {
		f, stand := judgeKey(k)
		_, isRSA := k.Public.(*rsa.PublicKey)
		found, all = append(found, f), append(all, signature{k.Domain, stand, isRSA})
	}
	whole := slices.ContainsFunc(all, func(x signature) bool { return x.rsa && x.stands == yes })
	for i := range found {
		if whole && found[i].Level == Fault {
			found[i].Level = Warning
			found[i].What += "; another signature stands"
		}
	}
	return found, all
}

func judgeKey(k Key) (Finding, stands) {
	f := Finding{Check: "dkim", Of: k.Name(), Level: Fault}
	wrong := func(what string) (Finding, stands) {
		f.What, f.Want, f.Publish = what, "the record below, and no other", keyToPublish(k)
		return f, no
	}
	switch {
	case k.Records.Why != "":
		f.Level, f.What = NotKnown, k.Records.Why
		return f, maybe
	case len(k.Records.Got) == 0:
		return wrong("the key is not published")
	case len(k.Records.Got) > 1:
		return wrong(fmt.Sprintf("%d records stand there, and receivers may take any", len(k.Records.Got)))
	}
	r, err := ParseKeyRecord(k.Records.Got[0])
	if err != nil {
		return wrong("the record cannot be used: " + err.Error())
	}
	if ours, ok := k.Public.(interface{ Equal(x crypto.PublicKey) bool }); !ok || !ours.Equal(r.Public) {
		return wrong("another key is published than mail is signed with")
	}
	if r.Testing {
		f.Level, f.What, f.Want = Warning, "`t=y` says that the key is a test: receivers may take the mail as unsigned", "the record without `t=y`"
		return f, maybe
	}
	f.Level, f.What = OK, "the published key is ours"
	return f, yes
}
