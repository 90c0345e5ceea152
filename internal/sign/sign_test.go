package sign

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

const letter = "Date: Thu, 04 Mar 2027 13:00:00 +0000\r\n" +
	"From: =?UTF-8?B?0J/RgNC10YHRgS3RgdC70YPQttCx0LA=?= <press@conference.example>\r\n" +
	"To: \"O'Probe, Zoë\" <zoe@newsroom.example>\r\n" +
	"Subject: The Tashkent declaration\r\n  is out\r\n" +
	"Message-ID: <0190@conference.example>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"List-Unsubscribe: <https://press.conference.example/u/abc>,\r\n <mailto:bounces+abc@conference.example>\r\n" +
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" +
	"X-Dateline-Send: general\r\n" +
	"Content-Type: text/plain; charset=UTF-8\r\n" +
	"\r\n" +
	"The text.  \r\n" +
	".\r\n" +
	"A line behind a dot.\r\n"

func noon() time.Time { return time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC) }

// zone is a DNS zone with the keys' public halves, as they are published.
func zone(t testing.TB, keys []Key) func(string) ([]string, error) {
	t.Helper()
	records := map[string]string{}
	for _, k := range keys {
		switch public := k.Private.Public().(type) {
		case *rsa.PublicKey:
			der, err := x509.MarshalPKIXPublicKey(public)
			if err != nil {
				t.Fatal(err)
			}
			records[k.Selector+"._domainkey."+k.Domain] = "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
		case ed25519.PublicKey:
			records[k.Selector+"._domainkey."+k.Domain] = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
		}
	}
	return func(name string) ([]string, error) {
		if r, ok := records[strings.TrimSuffix(name, ".")]; ok {
			return []string{r}, nil
		}
		return nil, fmt.Errorf("no such name: %s", name)
	}
}

var makeKeys = sync.OnceValues(func() ([]Key, error) {
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	_, small, err := ed25519.GenerateKey(rand.Reader)
	return []Key{{"conference.example", "s2026", large}, {"conference.example", "e2026", small}}, err
})

func keys(t testing.TB) []Key {
	t.Helper()
	ks, err := makeKeys()
	if err != nil {
		t.Fatal(err)
	}
	return ks
}

func signer(t testing.TB, keys []Key) *Signer {
	t.Helper()
	s, err := New(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verify gives how many signatures a message has, and how many hold.
func verify(t *testing.T, message []byte, look func(string) ([]string, error)) (n, good int) {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(message), &dkim.VerifyOptions{LookupTXT: look})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		if v.Err == nil {
			good++
		}
	}
	return len(found), good
}

func TestEverySignatureHolds(t *testing.T) {
	ks := keys(t)
	for name, message := range map[string]string{
		"a mail":              letter,
		"an empty body":       letter[:strings.Index(letter, "\r\n\r\n")+4],
		"empty lines behind":  letter + "\r\n\r\n\r\n",
		"no line end at last": letter + "end",
		"answers another":     "In-Reply-To: <1@x.example>\r\nReferences: <0@x.example> <1@x.example>\r\n" + letter,
	} {
		signed, err := signer(t, ks).Append([]byte("what was there"), []byte(message), noon())
		if err != nil {
			t.Fatal(name, err)
		}
		signed, ok := bytes.CutPrefix(signed, []byte("what was there"))
		if !ok || !bytes.HasSuffix(signed, []byte(message)) {
			t.Fatalf("%s: what was there is gone, or the message is not as it was", name)
		}
		if n, good := verify(t, signed, zone(t, ks)); n != len(ks) || good != len(ks) {
			t.Errorf("%s: %d of %d signatures hold, want %d", name, good, n, len(ks))
		}
		for line := range strings.SplitSeq(string(signed[:len(signed)-len(message)]), "\r\n") {
			if most := 78; len(line) > most && !strings.HasPrefix(line, " h=") || len(line) > 500 {
				t.Errorf("%s: a line of the signature has %d characters: %s", name, len(line), line)
			}
		}
	}
}

// A receiver must see each of these: a signature that holds over them is worth
// nothing to a reader.
func TestNoSignatureHoldsOverAChange(t *testing.T) {
	ks := keys(t)
	signed, err := signer(t, ks).Append(nil, []byte(letter), noon())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(string) string{
		"another subject":       func(m string) string { return strings.Replace(m, "declaration", "resolution", 1) },
		"another body":          func(m string) string { return strings.Replace(m, "The text.", "My text.", 1) },
		"more body":             func(m string) string { return m + "more\r\n" },
		"a second From":         func(m string) string { return "From: me@evil.example\r\n" + m },
		"a second Subject":      func(m string) string { return strings.Replace(m, "X-Dateline", "Subject: mine\r\nX-Dateline", 1) },
		"a Reply-To where none": func(m string) string { return "Reply-To: me@evil.example\r\n" + m },
		"another way out":       func(m string) string { return strings.Replace(m, "/u/abc", "/u/abd", 1) },
		"a second way out":      func(m string) string { return "List-Unsubscribe: <https://evil.example>\r\n" + m },
		"no one-click": func(m string) string {
			return strings.Replace(m, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", 1)
		},
		"another Message-ID":     func(m string) string { return strings.Replace(m, "<0190@", "<0191@", 1) },
		"another date":           func(m string) string { return strings.Replace(m, "13:00:00", "12:00:00", 1) },
		"another kind of a body": func(m string) string { return strings.Replace(m, "text/plain", "text/html", 1) },
		"another reader":         func(m string) string { return strings.Replace(m, "zoe@", "all@", 1) },
	} {
		if n, good := verify(t, []byte(change(string(signed))), zone(t, ks)); n != len(ks) || good != 0 {
			t.Errorf("%s: %d of %d signatures hold", name, good, n)
		}
	}
}

// While a key is changed for another, both stand in the mail: whoever has only
// one of the two records in their cache finds one that holds.
func TestWhileAKeyIsRotatedEitherRecordWillDo(t *testing.T) {
	ks := keys(t)
	signed, err := signer(t, ks).Append(nil, []byte(letter), noon())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ks {
		if n, good := verify(t, signed, zone(t, []Key{k})); n != 2 || good != 1 {
			t.Errorf("with %s alone in DNS %d of %d hold, want 1 of 2", k.Selector, good, n)
		}
	}
}

func TestSignedAgainTheBytesAreTheSame(t *testing.T) {
	s := signer(t, keys(t))
	want, err := s.Append(nil, []byte(letter), noon())
	if err != nil {
		t.Fatal(err)
	}
	var cores sync.WaitGroup
	for range 8 {
		cores.Go(func() {
			for range 20 {
				if got, err := s.Append(nil, []byte(letter), noon()); err != nil || !bytes.Equal(got, want) {
					t.Error("the bytes differ, or", err)
				}
			}
		})
	}
	cores.Wait()
	if !bytes.Contains(want, []byte(fmt.Sprintf("t=%d;", noon().Unix()))) {
		t.Errorf("the signature does not tell the time it was given:\n%.300s", want)
	}
}

// oddKey is of a kind that DKIM has no algorithm for.
type oddKey struct{ crypto.Signer }

func (oddKey) Public() crypto.PublicKey { return nil }

func TestWhatIsNoKeyOrNoMessageIsTold(t *testing.T) {
	for name, k := range map[string]Key{
		"no domain":   {"", "s", keys(t)[0].Private},
		"no selector": {"conference.example", "", keys(t)[0].Private},
		"no key":      {"conference.example", "s", nil},
		"an odd key":  {"conference.example", "s", oddKey{}},
	} {
		if _, err := New([]Key{k}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := signer(t, keys(t)).Append(nil, []byte("no headers at all"), noon()); err == nil {
		t.Error("what is no message was signed")
	}
}

// BenchmarkAppend tells what a signature costs beside the bare operation of its
// key, over a message of 8 KB, on all cores.
func BenchmarkAppend(b *testing.B) {
	message := []byte(letter + strings.Repeat(strings.Repeat("0123456789 ", 6)+"\r\n", 118))
	for _, k := range keys(b) {
		b.Run(k.Selector+"/bare", func(b *testing.B) {
			digest := make([]byte, 32)
			opts := crypto.SignerOpts(crypto.SHA256)
			if _, ok := k.Private.(ed25519.PrivateKey); ok {
				opts = crypto.Hash(0)
			}
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := k.Private.Sign(rand.Reader, digest, opts); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run(k.Selector+"/message", func(b *testing.B) {
			s := signer(b, []Key{k})
			b.SetBytes(int64(len(message)))
			b.RunParallel(func(p *testing.PB) {
				var room []byte
				for p.Next() {
					var err error
					if room, err = s.Append(room[:0], message, noon()); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
