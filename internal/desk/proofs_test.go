package desk_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"dateline/internal/desk"
	"dateline/internal/press"
)

// withoutStore is a desk as `check` has it.
func withoutStore(t *testing.T) *desk.Desk {
	t.Helper()
	return &desk.Desk{Config: sample(t)}
}

func proofs(t *testing.T, d *desk.Desk) desk.Proofs {
	t.Helper()
	p, err := d.Proofs(slug, "", now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every edition, occasion and contact has its copy, and each copy is marked as
// what it is.
func TestProofsAreEveryCopyThereCanBe(t *testing.T) {
	p := proofs(t, withoutStore(t))
	var kinds []desk.OccasionKind
	for _, o := range p.Occasions {
		kinds = append(kinds, o.Kind)
	}
	want := []desk.OccasionKind{desk.ForAdvance, desk.ForGeneral, desk.ForTest, desk.ForKill, desk.ForMovedLift, desk.ForFreeRelease}
	if !slices.Equal(kinds, want) || len(p.Editions) != 2 || len(p.Contacts) != 3 || len(p.Copies) != 2*len(want)*3 {
		t.Fatalf("%v, %d editions, %d contacts, %d copies", kinds, len(p.Editions), len(p.Contacts), len(p.Copies))
	}
	marks := map[desk.OccasionKind]struct {
		has, lacks string
		held       bool
	}{
		desk.ForAdvance:     {"Advance copy for Donau-Dienst", "[TEST]", true},
		desk.ForGeneral:     {"Embargo lifted 4 March 2027", "Embargoed until", false},
		desk.ForTest:        {"[TEST]", "Advance copy", true},
		desk.ForKill:        {"withdrawn", "Tashkent Declaration", false},
		desk.ForMovedLift:   {"5 March 2027", "Tashkent Declaration", true},
		desk.ForFreeRelease: {"FOR IMMEDIATE RELEASE", "Tashkent Declaration", false},
	}
	for _, c := range p.Copies {
		if c.Edition != "en" || c.Contact.ID != "known" {
			continue
		}
		m := marks[c.Occasion.Kind]
		if !strings.Contains(c.Subject+c.Text, m.has) || strings.Contains(c.Subject+c.Text, m.lacks) || c.Held != m.held {
			t.Errorf("%s: held %v, want %v; wants %q and not %q in:\n%s\n%.900s", c.Occasion.Kind, c.Held, m.held, m.has, m.lacks, c.Subject, c.Text)
		}
		if reply := strings.Contains(string(c.Message), "\r\nIn-Reply-To: "); reply != (c.Occasion.Send == "" && c.Occasion.Kind != desk.ForTest) {
			t.Errorf("%s: answers an earlier copy: %v", c.Occasion.Kind, reply)
		}
		if c.HTMLBytes != len(c.HTML) {
			t.Errorf("%s: %d bytes of HTML are told as %d", c.Occasion.Kind, len(c.HTML), c.HTMLBytes)
		}
	}
	for _, c := range p.Copies {
		if named := strings.Contains(c.Text, c.Contact.Outlet) && c.Contact.Outlet != ""; c.Edition == "en" && c.Occasion.Kind == desk.ForAdvance && c.Contact.ID == "known" && !named {
			t.Errorf("the advance copy does not name its outlet:\n%s", c.Text)
		}
		if strings.Contains(c.HTML, "<Süd>") {
			t.Errorf("%s in %s: the outlet's name is not escaped", c.Occasion.Kind, c.Edition)
		}
	}
}

// The same folder gives the same proofs: what is watched shows no change where
// there is none.
func TestProofsAreTheSameAgain(t *testing.T) {
	a, b := proofs(t, withoutStore(t)), proofs(t, withoutStore(t))
	for i := range a.Copies {
		if string(a.Copies[i].Message) != string(b.Copies[i].Message) || a.Copies[i].HTML != b.Copies[i].HTML {
			t.Errorf("copy %d differs", i)
		}
	}
}

// Without an embargo nobody is told that it moved; and a follow-up is a send.
func TestProofsFollowTheSends(t *testing.T) {
	d := withoutStore(t)
	r := &d.Config.Releases[0].Release
	r.Embargo = press.Embargo{None: true}
	r.Sends = []press.Send{{Name: "all", Kind: press.General}, {Name: "more", Kind: press.FollowUp, After: "all"}}
	p := proofs(t, d)
	want := []desk.Occasion{{Kind: desk.ForGeneral, Send: "all"}, {Kind: desk.ForFollowUp, Send: "more"}, {Kind: desk.ForTest}, {Kind: desk.ForKill}}
	if !slices.Equal(p.Occasions, want) {
		t.Errorf("%v, want %v", p.Occasions, want)
	}
	r.Sends = nil
	if _, err := d.Proofs(slug, "", now); err == nil || !strings.Contains(err.Error(), "no send") {
		t.Errorf("without a send: %v", err)
	}
}

func TestProofsRefuse(t *testing.T) {
	d := withoutStore(t)
	var unknown desk.NoRelease
	if _, err := d.Proofs("charlie", "", now); !errors.As(err, &unknown) {
		t.Errorf("an unknown release: %v", err)
	}
	var none desk.NoEdition
	if _, err := d.Proofs(slug, "tk", now); !errors.As(err, &none) {
		t.Errorf("an edition that is not there: %v", err)
	}
	var no desk.Refused
	if _, err := d.Proofs(press.KillSlug(slug), "", now); !errors.As(err, &no) || !strings.Contains(no.Why, slug) {
		t.Errorf("a notice: %v", err)
	}
	if p, err := d.Proofs(slug, "ru", now); err != nil || len(p.Editions) != 1 || len(p.Copies) != 6*3 {
		t.Errorf("one edition: %d copies, %v", len(p.Copies), err)
	}
	d.Config.Templates["base.html.tmpl"] = strings.Replace(d.Config.Templates["base.html.tmpl"], "{{.Sender.Organisation}}", "{{.Sender.Organization}}", 1)
	var faults press.Faults
	if _, err := d.Proofs(slug, "", now); !errors.As(err, &faults) || !strings.Contains(faults.Error(), "config/templates/base.html.tmpl:") {
		t.Errorf("a faulty template: %v", err)
	}
}

// dot is a picture of one pixel.
const dot = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="

func TestPicturesOfAMessage(t *testing.T) {
	wrapped := dot[:20] + "\r\n" + dot[20:]
	message := "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\nContent-Type: multipart/related; boundary=in\r\n\r\n" +
		"--in\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:logo@x\">\r\n" +
		"--in\r\nContent-Type: image/gif; name=logo.gif\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" + wrapped + "\r\n" +
		"--in\r\nContent-Type: image/svg+xml\r\nContent-ID: <a b@x>\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<svg xmlns=3D\"http://www.w3.org/2000/svg\"/>\r\n" +
		"--in\r\nContent-Type: text/javascript\r\nContent-ID: <script@x>\r\n\r\nalert(1)\r\n--in--\r\n" +
		"--out\r\nContent-Type: application/pdf\r\n\r\nPDF\r\n--out--\r\n"
	page := `<html><head><style>.a { background: url("cid:logo@x") }</style></head><body><p title="1 &lt; 2">cid:logo@x</p>` +
		`<img src="cid:logo@x" alt="a"><img src='cid:a%20b@x'><img src="cid:none@x"><img src="cid:script@x"><br/></body></html>`
	gif := "data:image/gif;base64," + dot
	svg := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
	want := `<html><head><style>.a { background: url("` + gif + `") }</style></head><body><p title="1 &lt; 2">cid:logo@x</p>` +
		`<img src="` + gif + `" alt="a"><img src="` + svg + `"><img src="cid:none@x"><img src="cid:script@x"><br/></body></html>`
	got, err := desk.WithPictures(page, []byte(message))
	if err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	if got, err := desk.WithPictures(page, []byte("Content-Type: multipart/related; boundary=in\r\n\r\n--in\r\nContent-Type: image/gif\r\nContent-ID: <l@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--in--\r\n")); err == nil || !strings.Contains(err.Error(), "l@x") {
		t.Errorf("a broken picture: %q, %v", got, err)
	}
	deep := strings.Repeat("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n", 200)
	if got, err := desk.WithPictures(page, []byte(deep)); got != "" && err != nil {
		t.Errorf("a message without an end: %v", err)
	}
}

func FuzzPictures(f *testing.F) {
	f.Add("<img src=cid:a>", "Content-Type: image/gif\r\nContent-ID: <a>\r\n\r\nx")
	f.Add("<style>cid:a", "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\r\n--b--")
	f.Fuzz(func(t *testing.T, page, message string) {
		got, err := desk.WithPictures(page, []byte(message))
		if err == nil && !strings.Contains(message, "image/") && got != page {
			t.Errorf("it has no picture, and changes %q to %q", page, got)
		}
	})
}
