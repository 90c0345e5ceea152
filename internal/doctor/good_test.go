package doctor

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
)

var makeKeys = sync.OnceValues(func() ([3]crypto.PublicKey, error) {
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return [3]crypto.PublicKey{}, err
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return [3]crypto.PublicKey{}, err
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	return [3]crypto.PublicKey{&large.PublicKey, &other.PublicKey, edwards}, err
})

// keys gives two RSA keys and one of Ed25519.
func keys(t testing.TB) [3]crypto.PublicKey {
	t.Helper()
	all, err := makeKeys()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func noon() time.Time { return time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC) }

// published is a key with its own record.
func published(domain, selector string, public crypto.PublicKey) Key {
	k := Key{Domain: domain, Selector: selector, Public: public}
	k.Records.Got = []string{keyToPublish(k).Value}
	return k
}

// texts is an answer of TXT records.
func texts(all ...string) Answer[[]string] { return Answer[[]string]{Got: all} }

const deaf = "no answer in time from 192.0.2.53:53"

// good are facts without a fault; each test changes one thing.
func good(t testing.TB) *Facts {
	ip := netip.MustParseAddr("198.51.100.7")
	mail := Answer[press.DomainMail]{Got: press.DomainMail{Domain: "conference.example", Found: press.MailMX, Detail: "mx.conference.example."}}
	return &Facts{
		Now: noon(), At: noon().Add(time.Hour),
		Senders: []Sender{{
			ID: "desk", From: "conference.example", Envelope: "mail.conference.example",
			SPF:      SPF{Records: []string{"v=spf1 ip4:198.51.100.7 -all"}, Lookups: 3},
			Verdicts: map[string][]Verdict{"main": {{IP: ip, Result: "pass"}}},
			Keys:     []Key{published("conference.example", "s2027", keys(t)[0])},
			DMARC:    []Policies{{Domain: "conference.example", Records: texts("v=DMARC1; p=reject; rua=mailto:dmarc@conference.example")}},
			FromMail: mail, BounceMail: mail, MX: texts("mx.conference.example."), OptOut: true,
			STS: texts("v=STSv1; id=20270304"), STSPolicy: Answer[string]{Got: "version: STSv1\r\nmode: enforce\r\nmx: *.conference.example\r\nmax_age: 86400\r\n"},
			TLSRPT: texts("v=TLSRPTv1; rua=mailto:tls@conference.example"),
		}},
		Relays: []Relay{{
			Name: "main", TLS: "required", Certain: true,
			Outgoing: Answer[[]Outgoing]{Got: []Outgoing{{IP: ip, Names: Answer[[]Name]{Got: []Name{{Name: "mx.conference.example", Leads: Answer[bool]{Got: true}}}}}}},
			Session:  Session{Version: "TLS 1.3", Until: noon().AddDate(0, 2, 0)},
		}},
		Mailboxes: []Mailbox{{Name: "bounces"}},
		OneClick:  OneClick{URL: "https://press.conference.example", Get: Reply{Status: http.StatusNotFound, Ours: true}, Post: Reply{Status: http.StatusNotFound, Ours: true}},
		Clocks:    []Clock{{Whose: "the store", Ahead: 3 * time.Millisecond, Within: time.Millisecond}},
	}
}
