package desk_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/config"
	"dateline/internal/contactfile"
	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/templates"
)

const slug = "tashkent-2022"

// now is when these tests happen; the sample's embargo lifts in March.
var now = time.Date(2027, 1, 11, 9, 0, 0, 0, time.UTC)

// newDesk is a desk over SQLite with 60 contacts and the sample release in
// English and Russian.
func newDesk(t *testing.T) (*desk.Desk, *store.Store) {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "dateline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ring, err := press.ParseKeyring(press.FormatKeyring(make([]byte, 32), make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	contacts := press.ImportBatch{Key: ring.AddressKey}
	for c := range contactfile.Generate(60, 1) {
		contacts.Rows = append(contacts.Rows, press.ImportRow{Contact: c})
	}
	if _, _, err := s.ImportContacts(t.Context(), contacts, now); err != nil {
		t.Fatal(err)
	}
	return &desk.Desk{Store: s, Config: sample(t), Keys: ring, NewID: store.NewID}, s
}

func sample(t *testing.T) *config.Config {
	t.Helper()
	return read(t, "../../config")
}

// read reads a config folder with the sample release, in English and Russian.
func read(t *testing.T, dir string) *config.Config {
	t.Helper()
	shipped := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(path)
		shipped[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(dir, shipped, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	f := &c.Releases[0]
	f.Editions = slices.DeleteFunc(f.Editions, func(e press.Edition) bool { return e.Lang != "en" && e.Lang != "ru" })
	return c
}

func plan(t *testing.T, d *desk.Desk) desk.Planned {
	t.Helper()
	p, err := d.Plan(t.Context(), slug, now, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func approve(t *testing.T, d *desk.Desk, digest string) (press.Approval, error) {
	t.Helper()
	return d.Approve(t.Context(), desk.Yes{Release: slug, Digest: digest, By: "Anna"}, now, nil)
}

func state(t *testing.T, s *store.Store) press.ReleaseState {
	t.Helper()
	rs, err := s.Releases(t.Context(), slug)
	if err != nil || len(rs) != 1 {
		t.Fatalf("%d releases, %v", len(rs), err)
	}
	return rs[0]
}

func total(r press.ReleaseState) int {
	n := 0
	for _, c := range r.Counts {
		n += c.N
	}
	return n
}

func TestAnApprovalFreezesThePlanThatWasShown(t *testing.T) {
	d, s := newDesk(t)
	p := plan(t, d)
	if !p.ToApprove() || p.InForce {
		t.Fatalf("to approve %v, in force %v, errors %v", p.ToApprove(), p.InForce, p.Errors)
	}
	var told int
	a, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}, now, func(_, n int) { told += n })
	if err != nil || a.Recipients != p.Recipients() || told != a.Recipients || a.By != "Anna" {
		t.Fatalf("%+v, %v; told of %d", a, err, told)
	}
	if n := total(state(t, s)); n != p.Recipients() {
		t.Errorf("%d deliveries, the plan has %d", n, p.Recipients())
	}
	again := plan(t, d)
	if !again.InForce || again.ToApprove() || again.Digest != p.Digest {
		t.Errorf("in force %v, to approve %v", again.InForce, again.ToApprove())
	}
	if b, err := approve(t, d, p.Digest); err != nil || b.ID != a.ID {
		t.Errorf("a second yes to the same plan: %+v, %v", b, err)
	}
	frozen, err := s.Frozen(t.Context(), a.ID)
	if err != nil || frozen.Inputs != p.Inputs || len(frozen.Probes) != 2 {
		t.Errorf("frozen %v, %v", frozen.Probes, err)
	}
}

func TestWhatMustNotBeApprovedIsRefused(t *testing.T) {
	d, s := newDesk(t)
	p := plan(t, d)
	refuse := func(name string, y desk.Yes, at time.Time, want string) {
		t.Helper()
		var no desk.Refused
		if _, err := d.Approve(t.Context(), y, at, nil); !errors.As(err, &no) || !strings.Contains(no.Why, want) {
			t.Errorf("%s: %v; want it refused with %q", name, err, want)
		}
	}
	refuse("no name", desk.Yes{Release: slug, Digest: p.Digest}, now, "name")
	refuse("another digest", desk.Yes{Release: slug, Digest: strings.Repeat("0", 64), By: "Anna"}, now, "something changed")
	refuse("the embargo has passed", desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}, now.AddDate(1, 0, 0), "passed")
	if _, err := d.Approve(t.Context(), desk.Yes{Release: "nothing", Digest: p.Digest, By: "Anna"}, now, nil); err == nil || !strings.Contains(err.Error(), slug) {
		t.Errorf("an unknown release: %v", err)
	}
	if rs, err := s.Releases(t.Context(), ""); err != nil || len(rs) != 0 {
		t.Errorf("something was approved: %v, %v", rs, err)
	}
}

func TestAnyEditNeedsANewYes(t *testing.T) {
	d, _ := newDesk(t)
	first := plan(t, d)
	edits := map[string]func(){
		"the text": func() {
			d.Config.Releases[0].Sources["en.md"] = append(d.Config.Releases[0].Sources["en.md"], '!')
		},
		"a template": func() { d.Config.Templates["base.txt.tmpl"] += "\n" },
		"a phrase":   func() { d.Config.Templates["phrases/ru.yaml"] += "\n" },
		"the sender": func() {
			x := d.Config.Senders["conference"]
			x.ReplyTo = "other@conference.example"
			d.Config.Senders["conference"] = x
		},
	}
	seen := map[string]string{first.Digest: "the first"}
	for name, edit := range edits {
		edit()
		p := plan(t, d)
		if before, ok := seen[p.Digest]; ok {
			t.Errorf("%s was edited, and the digest is that of %s", name, before)
		}
		seen[p.Digest] = name
	}
	d.Config.Templates["phrases/tk.yaml"] += "\n" // of a language that has no edition here
	if _, ok := seen[plan(t, d).Digest]; !ok {
		t.Error("a phrase file that is not used changes the digest")
	}
	if _, err := approve(t, d, first.Digest); err == nil {
		t.Error("the old digest was approved")
	}
}

func TestANewApprovalTakesThePlaceOfWhatIsUnsent(t *testing.T) {
	d, s := newDesk(t)
	p := plan(t, d)
	if _, err := approve(t, d, p.Digest); err != nil {
		t.Fatal(err)
	}
	out := p.Sends[1].Recipients[0].Address
	if err := s.Suppress(t.Context(), d.Keys.AddressKey(out), "all", "opted out", "journalist", now); err != nil {
		t.Fatal(err)
	}
	next := plan(t, d)
	if next.InForce || next.Recipients() != p.Recipients()-1 {
		t.Fatalf("in force %v, %d recipients", next.InForce, next.Recipients())
	}
	if _, err := approve(t, d, strings.Repeat("0", 64)); err == nil {
		t.Fatal("a wrong digest was approved")
	}
	if c := state(t, s).Control; c.Held != "" {
		t.Errorf("a refused approval leaves the release held: %s", c.Held)
	}
	if _, err := approve(t, d, next.Digest); err != nil {
		t.Fatal(err)
	}
	if r := state(t, s); total(r) != next.Recipients() || r.Control.Held != "" {
		t.Errorf("%d deliveries, held %q; want %d, not held", total(r), r.Control.Held, next.Recipients())
	}
	if err := d.Kill(t.Context(), slug, "a wrong word", "Anna", now); err != nil {
		t.Fatal(err)
	}
	if _, err := approve(t, d, p.Digest); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("a killed release was approved again: %v", err)
	}
}

func TestDriftHoldsOnceAndAPersonMayResume(t *testing.T) {
	d, s := newDesk(t)
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	watch := func(wantDrift, wantHeld bool) {
		t.Helper()
		drifts, err := d.WatchDrift(t.Context(), now)
		if err != nil || (len(drifts) == 1) != wantDrift || (wantDrift && drifts[0].Held != wantHeld) {
			t.Errorf("drifts %+v, %v; want drift %v, held %v", drifts, err, wantDrift, wantHeld)
		}
	}
	watch(false, false)
	d.Config.Releases[0].Sources["en.md"] = append(d.Config.Releases[0].Sources["en.md"], '!')
	watch(true, true)
	if c := state(t, s).Control; !strings.HasPrefix(c.Held, "drift:") || c.HeldBy != press.ByDateline {
		t.Errorf("control %+v", c)
	}
	if err := d.Resume(t.Context(), slug, "Anna", now); err != nil {
		t.Fatal(err)
	}
	watch(true, false) // Anna has seen it
	d.Config.Releases[0].Sources["en.md"] = append(d.Config.Releases[0].Sources["en.md"], '!')
	watch(true, true) // this is another one
	if err := d.Resume(t.Context(), slug, "Anna", now); err != nil {
		t.Fatal(err)
	}
	d.Config.Policies.OnDrift = "ignore"
	d.Config.Releases[0].Sources["en.md"] = append(d.Config.Releases[0].Sources["en.md"], '!')
	watch(true, false)
	d.Config.Policies.OnDrift = "hold"
	kk := d.Config.Releases[0].Editions[0]
	kk.Lang, kk.File = "kk", "kk.md"
	d.Config.Releases[0].Editions = append(d.Config.Releases[0].Editions, kk)
	d.Config.Releases[0].Sources["kk.md"] = d.Config.Releases[0].Sources["en.md"]
	watch(true, true) // an edition that nobody approved
	if held := state(t, s).Control.Held; !strings.HasSuffix(held, "; kk.md was not there") {
		t.Errorf("it is held for %q", held)
	}
	if err := d.Resume(t.Context(), slug, "Anna", now); err != nil {
		t.Fatal(err)
	}
	d.Config.Releases = nil
	watch(true, true) // the folder is gone
}

func TestATestCopyGoesToTestAddressesOnlyAndIsMarked(t *testing.T) {
	d, _ := newDesk(t)
	var sent []string
	give := func(_ context.Context, e press.Envelope, message []byte) (press.Outcome, error) {
		sent = append(sent, string(message))
		return press.Outcome{State: press.Accepted, At: now, Relay: "main", Code: 250}, nil
	}
	var no desk.Refused
	if _, err := d.Test(t.Context(), slug, "journalist@newsroom.example", "", now, give); !errors.As(err, &no) || len(sent) != 0 {
		t.Errorf("a test to a journalist: %v; %d sent", err, len(sent))
	}
	out, err := d.Test(t.Context(), slug, "Desk@conference.example", "", now, give)
	if err != nil || len(out) != 2 || len(sent) != 2 {
		t.Fatalf("%v, %v; %d sent", out, err, len(sent))
	}
	if !strings.Contains(sent[0], "Subject: =?") && !strings.Contains(sent[0], "TEST") {
		t.Errorf("no mark in:\n%s", sent[0])
	}
	var none desk.NoEdition
	if _, err := d.Test(t.Context(), slug, "desk@conference.example", "tk", now, give); !errors.As(err, &none) || !strings.Contains(err.Error(), "en, ru") {
		t.Errorf("an edition that is not there: %v", err)
	}
}

func TestAPreviewIsTheCopyThatAContactGets(t *testing.T) {
	d, _ := newDesk(t)
	p := plan(t, d)
	r := p.Sends[1].Recipients[3]
	shown, err := d.Preview(t.Context(), desk.PreviewOf{Release: slug, Contact: r.Contact.String()}, now)
	if err != nil || len(shown) != 1 || shown[0].Edition != r.Edition || !strings.Contains(string(shown[0].Message), string(r.Address)) {
		t.Errorf("%d previews, %v", len(shown), err)
	}
	if shown, err := d.Preview(t.Context(), desk.PreviewOf{Release: slug}, now); err != nil || len(shown) != 2 {
		t.Errorf("%d previews of all editions, %v", len(shown), err)
	}
	if _, err := d.Preview(t.Context(), desk.PreviewOf{Release: slug, Contact: "nobody@newsroom.example"}, now); err == nil || !strings.Contains(err.Error(), "nobody@newsroom.example") {
		t.Errorf("a contact that is not there: %v", err)
	}
}
