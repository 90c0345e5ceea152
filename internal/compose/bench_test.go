package compose

import (
	"bytes"
	"testing"

	"github.com/wneessen/go-mail"
)

// BenchmarkMessage against BenchmarkGoMailWriteTo, which is handed the finished
// parts, tells what composing adds: the aim is at most 1.3 of its time.
func BenchmarkMessage(b *testing.B) {
	for _, lang := range []string{"en", "ru"} {
		b.Run(lang, func(b *testing.B) {
			k := newKit(b, sample(b))
			l := advance("en")
			if lang == "ru" {
				l = advance("ru")
			}
			m, err := k.Message(l)
			must(b, err)
			b.SetBytes(int64(len(m)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Message(l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGoMailWriteTo(b *testing.B) {
	for _, lang := range []string{"en", "ru"} {
		b.Run(lang, func(b *testing.B) {
			k := newKit(b, sample(b))
			l := advance("en")
			if lang == "ru" {
				l = advance("ru")
			}
			r, p, err := k.render(l)
			must(b, err)
			text, html := body(r.Text, p.longText), body(r.HTML, p.longHTML)
			b.ReportAllocs()
			for b.Loop() {
				m := k.headed(l, p)
				m.SetBodyString(mail.TypeTextPlain, text, mail.WithPartEncoding(encoding(p.longText)))
				m.AddAlternativeString(mail.TypeTextHTML, html, mail.WithPartEncoding(encoding(p.longHTML)))
				var out bytes.Buffer
				if _, err := m.WriteTo(&out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	f := sample(b)
	for b.Loop() {
		if _, err := New(f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	f := sample(b)
	for b.Loop() {
		if faults := Check(f); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

// BenchmarkPage is the making of one page, which happens once a variant.
func BenchmarkPage(b *testing.B) {
	k := newKit(b, sample(b))
	for b.Loop() {
		if _, err := k.makePage(k.editions["ru"], variant{kind: "general"}); err != nil {
			b.Fatal(err)
		}
	}
}
