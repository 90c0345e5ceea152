package proofs_test

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/config"
	desks "dateline/internal/desk" // desk is the one behind the opt-out pages
	"dateline/internal/press"
	"dateline/internal/proofs"
	"dateline/templates"
)

// sampleProofs are made once for all tests that change nothing.
var sampleProofs = sync.OnceValues(func() (desks.Proofs, error) { return makeProofs() })

// proofs are those of the sample in English and Arabic, with more done to it.
func sample(t testing.TB, change ...func(*config.Config)) desks.Proofs {
	t.Helper()
	give := func() (desks.Proofs, error) { return makeProofs(change...) }
	if len(change) == 0 {
		give = sampleProofs
	}
	p, err := give()
	if err != nil {
		t.Fatal(err)
	}
	p.Copies = slices.Clone(p.Copies)
	return p
}

func makeProofs(change ...func(*config.Config)) (desks.Proofs, error) {
	shipped := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(name)
		shipped[name] = string(text)
		return err
	})
	if err != nil {
		return desks.Proofs{}, err
	}
	c, err := config.Load("../../config", shipped, func(string) (string, bool) { return "", false })
	if err != nil {
		return desks.Proofs{}, err
	}
	f := &c.Releases[0]
	f.Editions = slices.DeleteFunc(f.Editions, func(e press.Edition) bool { return e.Lang != "en" })
	f.Editions = append(f.Editions, press.Edition{
		Lang: "ar", Headline: "إعلان طشقند يلخص عشر سنوات من العمل المشترك ضد الإرهاب", Subject: "إعلان طشقند", Event: "مؤتمر دولي",
		Cities: []string{"طشقند", "نيويورك", "فيينا"}, Body: "جددت خمس دول في آسيا الوسطى عزمها على مكافحة الإرهاب معا.\n", File: "ar.md",
	})
	for _, do := range change {
		do(c)
	}
	return (&desks.Desk{Config: c}).Proofs("tashkent-2022", "", time.Date(2027, 1, 11, 9, 0, 0, 0, time.UTC))
}

// reading are the proofs with another first text.
func reading(t testing.TB, text string) desks.Proofs {
	t.Helper()
	p := sample(t)
	p.Copies[0].Text = text + "\n"
	return p
}

// The page shows every copy there is, and each file that it names is there.
func TestFilesAreWhole(t *testing.T) {
	p := sample(t)
	files, err := proofs.Files(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 4*len(p.Copies)+1 {
		t.Errorf("%d files of %d copies", len(files), len(p.Copies))
	}
	byName := map[string]string{}
	for _, f := range files {
		byName[f.Name] = string(f.Content)
	}
	index := byName[proofs.Index]
	links := regexp.MustCompile(`(?:href|src)="([^"#][^"]*)"`).FindAllStringSubmatch(index, -1)
	if still := 4 * len(p.Editions); len(links) != 8*len(p.Copies) || strings.Count(index, "<iframe ") != still+1 || strings.Count(index, `<iframe src="`) != still {
		t.Errorf("%d links and frames of %d copies", len(links), len(p.Copies))
	}
	for _, link := range links {
		if _, ok := byName[link[1]]; !ok {
			t.Errorf("the page names %s, which is not there", link[1])
		}
	}
	anchors := regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(index, -1)
	seen := map[string]bool{}
	for _, a := range anchors {
		if seen[a[1]] {
			t.Errorf("the id %s stands there twice", a[1])
		}
		seen[a[1]] = true
	}
	for _, c := range p.Copies {
		names := proofs.Names(p, c)
		if byName[names[0]] != string(c.Message) || byName[names[3]] != c.Text {
			t.Errorf("%v: not the copy", names)
		}
	}
	for _, s := range []string{"Not for publication", "files on your own machine", "tashkent-2022.ar.1-advance.1-known.eml", `lang="ar" dir="rtl"`, "&lt;Süd&gt;", "EMBARGOED until 4 March 2027, 18:00 (Tashkent, UTC&#43;5)", "of the 102 KB that Gmail shows"} {
		if !strings.Contains(index, s) {
			t.Errorf("the page lacks %s", s)
		}
	}
	if strings.Contains(index, "<Süd>") || strings.Contains(index, "EventSource") || strings.Contains(index, "cut off: ") {
		t.Error("the page has what it must not")
	}
}

// Files sort as a person wants to look at them, however many occasions there are.
func TestFilesSort(t *testing.T) {
	p := sample(t, func(c *config.Config) {
		r := &c.Releases[0].Release
		r.Sends = r.Sends[1:]
		for _, name := range strings.Fields("a b c d e f g h i") {
			r.Sends = append(r.Sends, press.Send{Name: name, Kind: press.FollowUp, After: "general"})
		}
	})
	var mails []string
	files, err := proofs.Files(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if path.Ext(f.Name) == ".eml" && strings.Contains(f.Name, ".en.") {
			mails = append(mails, f.Name)
		}
	}
	if !slices.IsSorted(mails) || mails[0] != "tashkent-2022.en.01-general.1-known.eml" || mails[len(mails)-1] != "tashkent-2022.en.12-kill.3-long.eml" {
		t.Errorf("%v", mails)
	}
}

// What Gmail would cut off is said, at the copy and above.
func TestProofsTellWhatIsCutOff(t *testing.T) {
	p := sample(t)
	p.Copies[0].HTMLBytes, p.Copies[1].HTMLBytes, p.Copies[2].HTMLBytes = 102<<10, 102<<10+1, 204<<10
	files, err := proofs.Files(p)
	if err != nil {
		t.Fatal(err)
	}
	index := string(files[len(files)-1].Content)
	if n := strings.Count(index, "the rest is cut off"); n != 2 || strings.Count(index, "Gmail cuts it off") != 1 || !strings.Contains(index, "204.0 KB, 200 % of the 102 KB") {
		t.Errorf("it is said %d times, want 2", n)
	}
}

func TestALetterIsRead(t *testing.T) {
	p := sample(t)
	c := p.Copies[0]
	c.Message = []byte("From: =?UTF-8?Q?B=C3=BCro?= <a@x.example>\r\nTo: b@y.example\r\nSubject: =?UTF-8?B?w4Q=?=\r\n =?UTF-8?B?w5Y=?=\r\nDKIM-Signature: v=1; a=rsa-sha256;\r\n d=x.example; s=one; b=abc\r\n" +
		"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain\r\n\r\nx\r\n--o\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"<b>.pdf\"\r\n\r\n1234567890\r\n--o--\r\n")
	p.Copies = p.Copies[:1]
	p.Copies[0] = c
	files, err := proofs.Files(p)
	if err != nil {
		t.Fatal(err)
	}
	index := string(files[len(files)-1].Content)
	for _, s := range []string{
		`<b><bdi>Büro</bdi></b> <span class="subject">ÄÖ</span>`, "<dt>From</dt><dd><bdi>Büro &lt;a@x.example&gt;</bdi></dd>", `<dt>List-Unsubscribe</dt><dd class="missing"><bdi>none</bdi></dd>`,
		"a=rsa-sha256; d=x.example; s=one", "&lt;b&gt;.pdf, 0.0 KB in the mail", "Subject: =?UTF-8?B?w4Q=?=\n =?UTF-8?B?w5Y=?=",
	} {
		if !strings.Contains(index, s) {
			t.Errorf("the page lacks %s", s)
		}
	}
	for name, message := range map[string]string{"no header": "nothing", "parts without a boundary": "Content-Type: multipart/mixed\r\n\r\n--o\r\nContent-Type: text/plain\r\n\r\nx"} {
		p.Copies[0].Message = []byte(message)
		if _, err := proofs.Files(p); err == nil || !strings.Contains(err.Error(), "en.1-advance.1-known: reading the message's") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
