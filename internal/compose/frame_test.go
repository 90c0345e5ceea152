package compose

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

// anyName draws names in all scripts, hostile ones, long ones and none.
func anyName() *rapid.Generator[string] {
	script := func(letters string) *rapid.Generator[string] {
		return rapid.StringOfN(rapid.SampledFrom([]rune(letters)), 0, 260, -1)
	}
	return rapid.OneOf(
		rapid.Just(""), rapid.SampledFrom(hostile()), rapid.String(),
		script("abc XYZ 0123 .,'-"), script(`a"\(<>)@,;: =?&`), script("Зарина Ҷумъаева ғқҳӣӯ-."), script("Ürümçi ñ ō þ ł "),
		script("漢字かな한글 "), script("زرینه کریمی \u200c"), script("देवनागरी "), script("e\u0301\u200d👩🏽🇹🇯 "), script("\u00ad\u00a0\u2014«»№ aя"),
	)
}

func anyAddress() *rapid.Generator[press.Address] {
	return rapid.Custom(func(t *rapid.T) press.Address {
		local := rapid.OneOf(
			rapid.StringMatching(`[a-zA-Z0-9]{1,20}(\.[a-z0-9+_'=?-]{1,20}){0,2}`), rapid.StringMatching(`[a-z]{64}`),
			rapid.SampledFrom([]string{"зарина", "desk-ҷ", "用户", "o'brien&co", "=?utf-8?q?x?="}),
		).Draw(t, "local part")
		domain := rapid.OneOf(
			rapid.Just("outlet.example"), rapid.StringMatching(`[a-z0-9]{1,60}(\.[a-z]{1,60}){1,2}`), rapid.Just("xn--bcher-kva.example"),
		).Draw(t, "domain")
		a, err := press.ParseAddress(local + "@" + domain)
		if err != nil {
			t.Skip(err)
		}
		return a
	})
}

func anyLetter(k *Kit) *rapid.Generator[Letter] {
	return rapid.Custom(func(t *rapid.T) Letter {
		return Letter{
			Recipient: press.Recipient{
				Address: anyAddress().Draw(t, "address"), Name: anyName().Draw(t, "name"), Outlet: anyName().Draw(t, "outlet"),
				Edition: rapid.SampledFrom(k.ordered()).Draw(t, "edition").Lang,
				Zone: rapid.SampledFrom([]string{
					"", "UTC", "Asia/Tashkent", "Europe/Vienna", "Asia/Kathmandu", "America/Argentina/Buenos_Aires", "Nowhere/City",
				}).Draw(t, "zone"),
			},
			SendKind:  rapid.SampledFrom([]press.SendKind{press.General, press.Advance, press.FollowUp}).Draw(t, "kind"),
			Test:      rapid.Bool().Draw(t, "test"),
			Held:      rapid.Bool().Draw(t, "held"),
			MessageID: rapid.StringMatching(`[!-;=?-~]{1,200}@[a-z.]{1,40}`).Draw(t, "id"),
			Date:      time.Unix(rapid.Int64Range(1, 1<<37).Draw(t, "date"), 0).In(time.FixedZone("", 5*3600)),
		}
	})
}

// byGoMail is the message that go-mail makes for a letter.
func byGoMail(t testing.TB, k *Kit, l Letter) []byte {
	t.Helper()
	var c filling
	must(t, k.prepare(&c, l))
	m, err := k.appendByGoMail(nil, l, &c)
	must(t, err)
	return m
}

// sameAsGoMail holds a kit's messages against go-mail's, byte for byte.
func sameAsGoMail(t *testing.T, k *Kit) {
	t.Helper()
	rapid.Check(t, func(r *rapid.T) {
		l := anyLetter(k).Draw(r, "letter")
		want := byGoMail(t, k, l)
		before := rapid.SampledFrom([]string{"", "x", "a \n"}).Draw(r, "before")
		got, err := k.AppendMessage([]byte(before), l)
		must(t, err)
		if string(got) != before+string(want) {
			r.Errorf("the copy for %+v is\n%s\nand from go-mail\n%s", l, got, before+string(want))
		}
	})
}

func TestMessageIsGoMails(t *testing.T) { sameAsGoMail(t, newKit(t, sample(t))) }

func TestMessageIsGoMailsForAnyRelease(t *testing.T) {
	immediate := pair(t)
	immediate.Release.Embargo = press.Embargo{None: true}
	bare := small(t)
	bare.Sender.ReplyTo, bare.Sender.ListID, bare.Sender.Name, bare.Sender.Organisation = "", "", nil, nil
	foreign := small(t)
	foreign.Sender.From, foreign.Sender.ReplyTo = "пресса@conference.example", "бюро@conference.example"
	foreign.Sender.Name = press.Text{"": "Пресс-служба, «Ташкент»"}
	wide := small(t)
	wide.Release.Editions[0].Subject = strings.Repeat("Date: a subject of many words; ", 30)
	wide.Release.Slug = strings.Repeat("slug", 30)
	for name, f := range map[string]press.Frozen{"immediate": immediate, "bare": bare, "foreign": foreign, "wide": wide} {
		t.Run(name, func(t *testing.T) { sameAsGoMail(t, newKit(t, f)) })
	}
}

// The places that a template can give a value, in either encoding: at the ends
// of a text and of its lines, together, and far from any line break.
func TestMessageIsGoMailsForAnyTemplate(t *testing.T) {
	both := "{{.Contact.Name}}{{.Contact.Outlet}} \n{{.Contact.Address}}\t{{.Contact.Name}}"
	for name, text := range map[string]string{
		"alone":    "{{.Contact.Name}}",
		"ends":     both,
		"lines":    "a line\n\n  {{.Contact.Name}}  {{.Contact.Addressee}}\n" + strings.Repeat(both+"\n", 9) + "end ",
		"no break": strings.Repeat("a word = ", 40) + both + strings.Repeat(" and a word", 40),
		"base64":   strings.Repeat("слово ", 99) + both + strings.Repeat("слово\n", 99) + both,
		"tellings": "{{range .Embargo.Tellings}}{{.When}}{{.Date}} {{.Time}}\n{{.City}}&{{.Offset}}{{end}}",
	} {
		t.Run(name, func(t *testing.T) {
			f := pair(t)
			f.Files["base.html.tmpl"], f.Files["base.txt.tmpl"] = text, text
			sameAsGoMail(t, newKit(t, f))
		})
	}
}

// Every page of the sample has a frame; else all of this would say nothing.
func TestEveryPageHasAFrame(t *testing.T) {
	k := newKit(t, sample(t))
	for _, e := range k.ordered() {
		for _, v := range trialVariants(press.General, press.Advance, press.FollowUp) {
			if v.kind == press.FollowUp && e.Lang != "en" && e.Lang != "ru" {
				continue // as a general copy, with a line more
			}
			p, err := k.page(e, v)
			must(t, err)
			if p.frame == nil {
				t.Errorf("%s, %+v: there is no frame", e.Lang, v)
			}
		}
	}
}

func TestRoomIsEnoughForMostMessages(t *testing.T) {
	k := newKit(t, sample(t))
	for _, e := range k.ordered() {
		for _, l := range []Letter{letter(e.Lang), advance(e.Lang)} {
			m, err := k.Message(l)
			must(t, err)
			if cap(m) > len(m)+len(m)/4 {
				t.Errorf("%s: a message of %d bytes takes %d", e.Lang, len(m), cap(m))
			}
			// It is made in one piece; under the race detector that takes two.
			if n := testing.AllocsPerRun(20, func() { m, err = k.Message(l) }); n > 2 || err != nil {
				t.Errorf("%s: a message takes %.0f allocations, or %v", e.Lang, n, err)
			}
			if n := testing.AllocsPerRun(20, func() { m, err = k.AppendMessage(m[:0], l) }); n > 0 || err != nil {
				t.Errorf("%s: a message into the room of another takes %.0f allocations, or %v", e.Lang, n, err)
			}
		}
	}
}

func TestAPageThatEncodesOtherwiseHasNoFrame(t *testing.T) {
	k := newKit(t, pair(t))
	for _, lang := range []press.Lang{"en", "ru"} {
		l := letter(lang)
		want := byGoMail(t, k, l)
		var c filling
		must(t, k.prepare(&c, l))
		last := c.page.html.blocks[0].stretches
		for _, spoilt := range [][]byte{last[len(last)-1].rest, last[len(last)-1].groups[0], last[len(last)-1].groups[1], last[len(last)-1].groups[2]} {
			if len(spoilt) > 0 {
				spoilt[len(spoilt)/2]++
			}
		}
		e := k.editions[lang]
		var err error
		c.page.frame, err = k.newFrame(e, variant{kind: press.General, name: true, outlet: true, zone: true}, c.page)
		must(t, err)
		if c.page.frame != nil {
			t.Fatalf("%s: a page that is encoded wrongly got a frame", lang)
		}
		if got, err := k.Message(l); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: without a frame the message is another one, or %v", lang, err)
		}
	}
}

func TestCutFrameRefusesAnotherStructure(t *testing.T) {
	k := newKit(t, small(t))
	l := frameLetter(k.editions["en"], variant{kind: press.General})
	p, err := k.page(k.editions["en"], variant{kind: press.General})
	must(t, err)
	var b bytes.Buffer
	must(t, k.goMail(&b, l, p, "", ""))
	whole := b.String()
	if _, ok := cutFrame(whole, l, k.sender, nil); !ok {
		t.Fatal("the message that go-mail makes is refused")
	}
	boundary := string(appendBoundary(nil, alternativeName, l.MessageID))
	for name, other := range map[string]string{
		"no date":         strings.Replace(whole, "\r\nDate: ", "\r\nDated: ", 1),
		"two of To":       strings.Replace(whole, "\r\nTo: <frame@dateline.example>", "\r\nTo: <frame@dateline.example>\r\nTo: <frame@dateline.example>", 1),
		"folded id":       strings.Replace(whole, "\r\nMessage-ID: ", "\r\nMessage-ID:\r\n ", 1),
		"one more part":   strings.Replace(whole, "--"+boundary+"--", "--"+boundary+"\r\n\r\n--"+boundary+"--", 1),
		"a text in it":    strings.Replace(whole, "UTF-8\r\n\r\n", "UTF-8\r\n\r\ntext", 1),
		"another's parts": strings.ReplaceAll(whole, boundary, "another"),
	} {
		if other == whole {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, ok := cutFrame(other, l, k.sender, nil); ok {
			t.Errorf("%s: a frame was cut", name)
		}
	}
}

func TestOrdinaryAddressesAreAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := press.Address(rapid.OneOf(
			rapid.StringMatching(`[a-zA-Z0-9.-]{1,70}@[a-z0-9.-]{1,70}`), rapid.StringMatching(`[a-z.]{1,5}@[a-z0-9]{1,30}(-{1,2}[a-z]{1,9}){0,1}\.[a-z0-9]{1,4}`),
			rapid.StringMatching(`[a-z@.-]{1,9}`), rapid.String(),
		).Draw(t, "address"))
		if parsed, err := press.ParseAddress(string(a)); ordinary(a) && (err != nil || parsed != a) {
			t.Errorf("%q is taken for an address: %v", a, err)
		}
	})
	for _, a := range []press.Address{"reporter@outlet.example", "zarina.karimova-2@news.outlet-1.co.uz", "Desk@a.b"} {
		if !ordinary(a) {
			t.Errorf("%s is looked at twice", a)
		}
	}
}

func TestCleanTextIsLeftAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(anyName(), anyText()).Draw(t, "text")
		if got := clean(s); got != cleaned(s) {
			t.Errorf("%q becomes %q, want %q", s, got, cleaned(s))
		}
	})
}
