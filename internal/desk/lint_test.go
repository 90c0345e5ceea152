package desk_test

import (
	"errors"
	"strings"
	"testing"

	"dateline/internal/desk"
	"dateline/internal/press"
)

// retext changes the text of an edition of the sample, as it lies in the folder.
func retext(t *testing.T, d *desk.Desk, lang press.Lang, old, text string) {
	t.Helper()
	for i, e := range d.Config.Releases[0].Editions {
		if e.Lang == lang {
			if !strings.Contains(e.Body, old) {
				t.Fatalf("%s does not have %q", lang, old)
			}
			d.Config.Releases[0].Editions[i].Body = strings.Replace(e.Body, old, text, 1)
		}
	}
}

func TestAnErrorOfTheLintKeepsAReleaseFromBeingApproved(t *testing.T) {
	d, _ := newDesk(t)
	retext(t, d, "ru", "57 государств", "57 гоcударств")
	retext(t, d, "en", "More than 250", "More than 260")
	p := plan(t, d)
	if len(p.Errors) != 1 || !strings.Contains(p.Errors[0], "ru.md:33:") || !strings.HasSuffix(p.Errors[0], "[look-alikes]") || p.ToApprove() {
		t.Errorf("errors %q", p.Errors)
	}
	told := 0
	for _, w := range p.Warnings {
		if strings.HasSuffix(w, "[numbers]") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("warnings %q", p.Warnings)
	}
	var no desk.Refused
	if _, err := approve(t, d, p.Digest); !errors.As(err, &no) || !strings.Contains(no.Why, "гоcударств") {
		t.Errorf("approved: %v", err)
	}
	if faults := d.Check(); len(faults) > 0 { // by which a daemon refuses a folder
		t.Errorf("%v", faults)
	}

	// A warning keeps nothing back, and has no part in the digest.
	d.Config.Lint["look-alikes"] = press.LintWarning
	q := plan(t, d)
	if q.Digest != p.Digest || len(q.Errors) > 0 || len(q.Warnings) != len(p.Warnings)+1 {
		t.Errorf("errors %q, warnings %q", q.Errors, q.Warnings)
	}
	if _, err := approve(t, d, q.Digest); err != nil {
		t.Fatal(err)
	}

	// What is approved is no concern of the lint any more.
	d.Config.Lint["look-alikes"] = press.LintError
	if r := plan(t, d); !r.InForce || len(r.Errors) > 0 {
		t.Errorf("in force %v, errors %q", r.InForce, r.Errors)
	}
	if _, err := approve(t, d, q.Digest); err != nil {
		t.Errorf("a second yes to it: %v", err)
	}
	if found := d.Lint(); len(found) != 2 || found[0].Rule != "numbers" || found[1].Level != press.LintError {
		t.Errorf("%v", found)
	}
}
