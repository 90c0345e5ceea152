package config

import (
	"archive/zip"
	"bytes"
	"image"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"dateline/internal/press"
)

const pdf = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

func pngOf(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 4))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func docx(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte("<?xml version=\"1.0\"?>"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const inTashkent = "releases/tashkent-2022/"

// carrying is the good folder with lines in its release.yaml and in its English
// edition, and with files.
func carrying(t testing.TB, release, front, body string, files map[string]string) map[string]string {
	t.Helper()
	all := good(t)
	all[inTashkent+"release.yaml"] += release
	all[inTashkent+"en.md"] = strings.Replace(all[inTashkent+"en.md"], "headline:", front+"headline:", 1) + body
	for name, text := range files {
		all[inTashkent+name] = text
	}
	return all
}

func TestFilesOfMails(t *testing.T) {
	files := map[string]string{
		"papers/declaration.pdf": pdf, "facts.docx": docx(t), "заявление.pdf": pdf, "flags.png": pngOf(t), "notes.txt": "Примечания\n", "unused.bin": "\x00",
	}
	all := carrying(t, "attachments: [papers/declaration.pdf]\n", "attachments: [facts.docx, заявление.pdf, notes.txt]\n",
		"\n![Two flags](flags.png \"Tashkent\")\n\n![Elsewhere](https://x.example/y.png)\n", files)
	all[inTashkent+"release.yaml"] = strings.Replace(all[inTashkent+"release.yaml"], "url: https://conference.example/declaration.pdf", "file: papers/declaration.pdf", 1)
	c, err := Load(write(t, all), shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := c.Folder("tashkent-2022")
	var names, types []string
	for _, file := range f.Files {
		names, types = append(names, file.Name), append(types, file.Type)
		if string(file.Data) != files[file.Name] || string(f.Sources[file.Name]) != files[file.Name] {
			t.Errorf("%s has other bytes", file.Name)
		}
	}
	if want := []string{"facts.docx", "flags.png", "notes.txt", "papers/declaration.pdf", "заявление.pdf"}; !slices.Equal(names, want) {
		t.Errorf("the files are %q, want %q", names, want)
	}
	if want := []string{attachmentTypes()[".docx"], "image/png", "text/plain", "application/pdf", "application/pdf"}; !slices.Equal(types, want) {
		t.Errorf("their types are %q", types)
	}
	en, _ := f.Edition("en")
	if want := []string{"papers/declaration.pdf", "facts.docx", "заявление.pdf", "notes.txt"}; !slices.Equal(en.Attachments, want) {
		t.Errorf("en has the attachments %q, want %q", en.Attachments, want)
	}
	if ru, _ := f.Edition("ru"); !slices.Equal(ru.Attachments, []string{"papers/declaration.pdf"}) {
		t.Errorf("ru has the attachments %q", ru.Attachments)
	}
	if f.Background[0].File != "papers/declaration.pdf" || f.Background[0].URL != "" {
		t.Errorf("the background is %v", f.Background)
	}
}

func TestFaultsOfFilesOfMails(t *testing.T) {
	big := pdf + strings.Repeat("x", 30<<20)
	eight := func(end string) string { return pdf + strings.Repeat("x", 8<<20) + end }
	for name, c := range map[string]struct {
		release, front, body string
		files                map[string]string
		want                 string
	}{
		"no file":           {front: "attachments: [gone.pdf]\n", want: "en.md:2:15: gone.pdf: there is no such file"},
		"30 MB":             {front: "attachments: [big.pdf]\n", files: map[string]string{"big.pdf": big}, want: "en.md:2:15: big.pdf has 30.0 MiB; at most 10 MiB are wanted"},
		"together":          {front: "attachments: [a.pdf, b.pdf]\n", files: map[string]string{"a.pdf": eight("a"), "b.pdf": eight("b")}, want: "en.md:1:1: its mail would carry 16.0 MiB of files; at most 14 MiB"},
		"a program":         {front: "attachments: [setup.exe]\n", files: map[string]string{"setup.exe": "MZ"}, want: "`setup.exe` is of no kind that is carried; a name that ends in .csv, .docx"},
		"a program as PDF":  {front: "attachments: [a.pdf]\n", files: map[string]string{"a.pdf": "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"}, want: "a.pdf holds application/vnd.microsoft.portable-executable; a file whose name ends in .pdf holds application/pdf"},
		"a page as picture": {body: "\n![x](a.png)\n", files: map[string]string{"a.png": "<html><script>x</script></html>"}, want: "a.png holds text/html; a file whose name ends in .png holds image/png"},
		"half a picture":    {body: "\n![x](a.png)\n", files: map[string]string{"a.png": pngOf(t)[:20]}, want: "en.md:12:1: a.png cannot be shown"},
		"an old text":       {front: "attachments: [a.txt]\n", files: map[string]string{"a.txt": "\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0"}, want: "a.txt is not UTF-8; save it as UTF-8"},
		"a drawing":         {body: "\n![x](a.svg)\n", files: map[string]string{"a.svg": "<svg/>"}, want: "en.md:12:1: `a.svg` is of no kind that is carried"},
		"empty":             {release: "attachments: [a.pdf]\n", files: map[string]string{"a.pdf": ""}, want: "release.yaml:"},
		"out of the folder": {front: "attachments: [../../dateline.yaml]\n", want: "`../../dateline.yaml` is no file of the release's folder"},
		"absolute":          {front: "attachments: [/etc/passwd]\n", want: "`/etc/passwd` is no file of the release's folder"},
		"twice":             {front: "attachments: [a.pdf, a.pdf]\n", files: map[string]string{"a.pdf": pdf}, want: "`a.pdf` stands here a second time"},
		"one name":          {front: "attachments: [a/x.pdf, b/X.pdf]\n", files: map[string]string{"a/x.pdf": pdf, "b/X.pdf": pdf + " "}, want: "a/x.pdf and b/X.pdf have one name in the mail"},
		"about nothing":     {release: "about: other\n", want: "`about` says what a correction corrects"},
		"new in nothing":    {front: "changed: the date\n", want: "en.md:2:10: `changed` says what is new in a correction or a follow-up"},
	} {
		t.Run(name, func(t *testing.T) {
			found := faultLines(t, write(t, carrying(t, c.release, c.front, c.body, c.files)))
			if len(found) != 1 || !strings.Contains(found[0], c.want) {
				t.Errorf("got %q, want …%s…", found, c.want)
			}
		})
	}
}

func TestALinkOutOfTheFolderIsNoAttachment(t *testing.T) {
	secret := place(t.TempDir(), "secret.pdf")
	if err := os.WriteFile(secret, []byte(pdf), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := write(t, carrying(t, "", "attachments: [a.pdf]\n", "", nil))
	if err := os.Symlink(secret, place(dir, inTashkent+"a.pdf")); err != nil {
		t.Fatal(err)
	}
	if found := faultLines(t, dir); len(found) != 1 || !strings.Contains(found[0], "a.pdf: the link leads out of the config folder") {
		t.Errorf("got %q", found)
	}
}

// correction is the good folder with a correction of its release beside it.
func correction(t testing.TB, change func(string) string) map[string]string {
	t.Helper()
	all := good(t)
	for _, file := range []string{"release.yaml", "en.md", "ru.md"} {
		text := all[inTashkent+file]
		if file == "release.yaml" {
			text = strings.Replace(text, "kind: release\n", "kind: correction\nabout: tashkent-2022\n", 1)
		} else {
			text = strings.Replace(text, "headline:", "changed: the date\nheadline:", 1)
		}
		all["releases/tashkent-corrected/"+file] = change(text)
	}
	return all
}

func TestACorrectionKnowsWhatItCorrects(t *testing.T) {
	c, err := Load(write(t, correction(t, func(s string) string { return s })), shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := c.Folder("tashkent-corrected")
	if f.Kind != press.Correction || f.About != "tashkent-2022" {
		t.Errorf("it is a %s about %q", f.Kind, f.About)
	}
	if ru, _ := f.Edition("ru"); ru.About != "Пять стран договорились" || ru.Changed != "the date" {
		t.Errorf("it corrects %q: %q", ru.About, ru.Changed)
	}
	for instead, want := range map[string][]string{
		"about: tashkent-2023\n":      {"there is no release `tashkent-2023` to correct; did you mean `tashkent-2022`?"},
		"about: tashkent-corrected\n": {"there is no release `tashkent-corrected` to correct"},
		"":                            {"the correction has no `about`"},
	} {
		found := faultLines(t, write(t, correction(t, func(s string) string { return strings.Replace(s, "about: tashkent-2022\n", instead, 1) })))
		if len(found) != len(want) || !strings.Contains(found[0], want[0]) {
			t.Errorf("%q: got %q, want %q", instead, found, want)
		}
	}
	found := faultLines(t, write(t, correction(t, func(s string) string { return strings.Replace(s, "changed: the date\n", "", 1) })))
	if len(found) != 2 || !strings.Contains(found[0], "en.md:2:1: the front matter has no `changed`") {
		t.Errorf("without what changed: %q", found)
	}
}
