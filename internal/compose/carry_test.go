package compose

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"mime"
	"strings"
	"testing"

	"dateline/internal/compose/composetest"
	"dateline/internal/press"
)

const declaration = "papers/Ташкентская декларация – проект.pdf"

// withFiles gives each edition of a release a figure, a footnote, an attachment
// and a background paper that the mail carries.
func withFiles(t testing.TB, f press.Frozen) press.Frozen {
	t.Helper()
	f.Release.Files = []press.File{
		{Name: "flags.png", Type: "image/png", Data: flags(t, 600, 300)},
		{Name: "notes.txt", Type: "text/plain", Data: []byte("Примечания\r\n")},
		{Name: declaration, Type: "application/pdf", Data: bytes.Repeat([]byte("%PDF-1.4 "), 1000)},
	}
	f.Release.Background = append(f.Release.Background, press.Background{Title: press.Text{"": "The declaration"}, File: declaration})
	for i := range f.Release.Editions {
		e := &f.Release.Editions[i]
		e.Body += "\nA sentence with a note.[^1]\n\n![Two flags](flags.png \"Tashkent, 4 March\")\n\n[^1]: The *note*.\n"
		e.Attachments = []string{declaration, "notes.txt"}
	}
	return f
}

// flags is a picture of two fields.
func flags(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{0x1c, 0x4f, 0x82, 0xff}
			if x > width/2 {
				c = color.RGBA{0xa3, 0x23, 0x1f, 0xff}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.Bytes()
}

func TestAMailCarriesItsFiles(t *testing.T) {
	f := withFiles(t, small(t))
	k := newKit(t, f)
	raw, err := k.Message(letter("en"))
	must(t, err)
	conform(t, raw)
	_, tree, err := composetest.Read(raw)
	must(t, err)
	if want := "multipart/mixed(multipart/related(multipart/alternative(text/plain text/html) image/png) application/pdf text/plain)"; tree.Kinds() != want {
		t.Fatalf("the parts are %s, want\n%s", tree.Kinds(), want)
	}
	leaves := tree.Leaves()
	for i, file := range []int{0, 2, 1} {
		want, got := f.Release.Files[file], leaves[2+i]
		if got.Body != string(want.Data) {
			t.Errorf("%s has other bytes", want.Name)
		}
		disposition, params, err := mime.ParseMediaType(got.Header.Get("Content-Disposition"))
		must(t, err)
		if name := want.Name[strings.LastIndex(want.Name, "/")+1:]; params["filename"] != name || (disposition == "inline") != (i == 0) {
			t.Errorf("%s is %s as %v", want.Name, disposition, params)
		}
	}
	page, text := leaves[1].Body, leaves[0].Body
	for _, part := range []string{
		`<p class="figure"`, `alt="Two flags" width="544" height="272"`, `Tashkent, 4 March</span>`, "<sup", `<div class="notes"`,
		">Notes</p>", "The <em>note</em>.", "The declaration<br/>", "Ташкентская декларация – проект.pdf</span>", ">Attached</p>", ">notes.txt</p>",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	for _, part := range []string{"note.¹\r\n", "\r\n[Picture: Two flags] Tashkent, 4 March\r\n", "\r\nNotes\r\n¹ The note.\r\n", "\r\nAttached\r\n", "\r\nnotes.txt\r\n"} {
		if !strings.Contains(text, part) {
			t.Errorf("the text lacks %q:\n%s", part, text)
		}
	}
	if strings.Contains(page, "href=\"#") || strings.Contains(page, "fn:1") {
		t.Error("the page has links within itself, which mail programs break")
	}
}

// With files too a message comes from a frame and is to the byte what go-mail
// makes; the copies that go-mail has to make have the same parts.
func TestFilesComeFromFrames(t *testing.T) {
	k := newKit(t, withFiles(t, small(t)))
	l := letter("en")
	p, err := k.page(k.editions["en"], variant{kind: press.General, name: true, outlet: true, zone: true, out: true})
	must(t, err)
	if p.frame == nil {
		t.Fatal("there is no frame")
	}
	fast, err := k.Message(l)
	must(t, err)
	var c filling
	must(t, k.prepare(&c, l))
	slow, err := k.appendByGoMail(nil, l, &c)
	must(t, err)
	if !bytes.Equal(fast, slow) {
		t.Error("the frame makes another message than go-mail")
	}
	l.Recipient.Address = "зарина@outlet.example"
	raw, err := k.Message(l)
	must(t, err)
	_, tree, err := composetest.Read(raw)
	must(t, err)
	if leaves := tree.Leaves(); len(leaves) != 5 || leaves[3].Body != string(k.release.Files[2].Data) {
		t.Errorf("the parts are %s", tree.Kinds())
	}
	again, err := k.Message(l)
	must(t, err)
	if !bytes.Equal(raw, again) {
		t.Error("the same copy has other bytes the second time")
	}
}

// A picture that the folder lacks, and one from elsewhere, is its words.
func TestAPictureThatIsNotCarriedIsItsWords(t *testing.T) {
	f := withFiles(t, small(t))
	f.Release.Editions[0].Body = "![a](https://x.example/y.png) ![b](gone.png) ![c](data:image/png;base64,xx)\n"
	f.Release.Editions[0].Attachments = nil
	f.Release.Background = nil
	r, err := newKit(t, f).Render(letter("en"))
	must(t, err)
	if strings.Contains(r.HTML, "<img") || !strings.Contains(r.Text, "a b c") {
		t.Errorf("the text is %q", r.Text)
	}
}
