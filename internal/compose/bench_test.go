package compose

import (
	"bytes"
	"testing"
	"time"

	"dateline/internal/press"
)

// benchLetters are the letters of a benchmark's round: one edition each, and a
// mix of all, held and lifted, in two zones.
func benchLetters(k *Kit) map[string][]Letter {
	all := map[string][]Letter{}
	for _, lang := range []press.Lang{"en", "ru", "tg"} {
		all[string(lang)] = []Letter{advance(lang)}
	}
	for _, e := range k.ordered() {
		home := letter(e.Lang)
		home.Recipient.Zone, home.Recipient.Name = "Asia/Tashkent", "Зарина Каримова"
		all["mix"] = append(all["mix"], advance(e.Lang), letter(e.Lang), home)
	}
	return all
}

// BenchmarkMessage makes messages, each on its own and, as the engine does,
// into room that is used again.
func BenchmarkMessage(b *testing.B) {
	benchmarkMessages(b, func(k *Kit, _ []byte, l Letter) ([]byte, error) { return k.Message(l) })
}

func BenchmarkAppendMessage(b *testing.B) { benchmarkMessages(b, (*Kit).AppendMessage) }

func benchmarkMessages(b *testing.B, compose func(*Kit, []byte, Letter) ([]byte, error)) {
	k := newKit(b, sample(b))
	letters := benchLetters(k)
	for _, name := range []string{"en", "ru", "tg", "mix"} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for _, l := range letters[name] { // the pages are made before
				m, err := k.Message(l)
				must(b, err)
				size += len(m)
			}
			b.SetBytes(int64(size / len(letters[name])))
			b.ReportAllocs()
			var room []byte
			for i := 0; b.Loop(); i++ {
				m, err := compose(k, room[:0], letters[name][i%len(letters[name])])
				if err != nil {
					b.Fatal(err)
				}
				room = m
			}
		})
	}
}

// BenchmarkGoMailWriteTo tells what a message costs in go-mail's hands, which are
// handed the finished texts, and how many times that is AppendMessage's time.
// The two take turns, so that a busy machine is as busy for both.
func BenchmarkGoMailWriteTo(b *testing.B) {
	k := newKit(b, sample(b))
	letters := benchLetters(k)
	for _, name := range []string{"en", "ru", "tg", "mix"} {
		b.Run(name, func(b *testing.B) {
			fillings := make([]filling, len(letters[name]))
			texts := make([]Rendered, len(letters[name]))
			for i, l := range letters[name] {
				must(b, k.prepare(&fillings[i], l))
				texts[i] = fillings[i].render()
			}
			b.ReportAllocs()
			var room []byte
			var theirs, ours time.Duration
			for i := 0; b.Loop(); i++ {
				n := i % len(texts)
				start := b.Elapsed()
				var out bytes.Buffer
				must(b, k.goMail(&out, letters[name][n], fillings[n].page, texts[n].Text, texts[n].HTML))
				between := b.Elapsed()
				m, err := k.AppendMessage(room[:0], letters[name][n])
				must(b, err)
				room = m
				theirs, ours = theirs+between-start, ours+b.Elapsed()-between
			}
			b.ReportMetric(float64(theirs.Nanoseconds())/float64(b.N), "ns/op")
			b.ReportMetric(float64(theirs)/float64(ours), "times-ours")
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
	e := k.editions["ru"]
	for b.Loop() {
		clear(e.html)
		clear(e.text)
		if _, err := k.makePage(e, variant{kind: "general"}); err != nil {
			b.Fatal(err)
		}
	}
}
