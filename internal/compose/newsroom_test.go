package compose

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dateline/internal/compose/composetest"
	"dateline/internal/press"
)

// newsroomCopy gives the ninjs document of a copy, and the tree of its parts.
func newsroomCopy(t *testing.T, k *Kit, l Letter) (document map[string]any, kinds string) {
	t.Helper()
	l.Recipient.Ninjs = true
	raw, err := k.Message(l)
	must(t, err)
	conform(t, raw)
	_, tree, err := composetest.Read(raw)
	must(t, err)
	leaves := tree.Leaves()
	last := leaves[len(leaves)-1]
	if last.Kind != "application/json" {
		return nil, tree.Kinds()
	}
	must(t, json.Unmarshal([]byte(last.Body), &document))
	if strings.Contains(last.Body, "reporter@") || strings.Contains(last.Body, l.OptOut) || strings.Contains(last.Body, "Zarina") {
		t.Error("the document tells of the contact")
	}
	return document, tree.Kinds()
}

func TestACopyForANewsroomsSystem(t *testing.T) {
	f := withFiles(t, small(t))
	first := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	f.Version = press.Version{Number: 3, First: first, Made: first.Add(time.Hour)}
	k := newKit(t, f)
	doc, kinds := newsroomCopy(t, k, advance("en"))
	if want := "multipart/mixed(multipart/related(multipart/alternative(text/plain text/html) image/png) application/pdf text/plain application/json)"; kinds != want {
		t.Errorf("the parts are %s", kinds)
	}
	for key, want := range map[string]any{
		"uri": "tag:conference.example,2027:tashkent-2022:en", "version": "3", "pubStatus": "usable",
		"embargoedUntil": "2027-03-04T18:00:00+05:00", "edNote": "Embargoed until 4 March 2027, 18:00 (Tashkent, UTC+5)",
	} {
		if doc[key] != want {
			t.Errorf("%s is %v, want %v", key, doc[key], want)
		}
	}
	if text, _ := json.Marshal(doc["bodies"]); strings.Contains(string(text), "cid:") || !strings.Contains(string(text), "A short text.") {
		t.Errorf("the bodies are %s", text)
	}
	if doc, _ := newsroomCopy(t, k, letter("en")); doc["edNote"] != nil {
		t.Errorf("after the lift the note is %v", doc["edNote"])
	}
	l := letter("en")
	plain, err := k.Message(l)
	must(t, err)
	if bytes.Contains(plain, []byte("application/json")) {
		t.Error("who did not ask has it too")
	}
}

// The notice of a kill withdraws the story; a moved embargo has none to send.
func TestNoticesForANewsroomsSystem(t *testing.T) {
	f := small(t)
	f.Release.Slug, f.Release.Kind, f.Release.About = "tashkent-2022@kill", press.KillNotice, "tashkent-2022"
	f.Release.Embargo = press.Embargo{None: true}
	f.Version = press.Version{Number: 2, First: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC), Made: time.Date(2027, 3, 4, 9, 0, 0, 0, time.UTC)}
	doc, _ := newsroomCopy(t, newKit(t, f), letter("en"))
	if doc["uri"] != "tag:conference.example,2027:tashkent-2022:en" || doc["pubStatus"] != "canceled" || doc["version"] != "2" || doc["bodies"] != nil {
		t.Errorf("the document is %v", doc)
	}
	if note, _ := doc["edNote"].(string); !strings.Contains(note, "A headline") || !strings.Contains(note, "A short text.") {
		t.Errorf("the note is %q", note)
	}
	f = small(t)
	f.Release.Slug, f.Release.Kind, f.Release.About = "tashkent-2022@embargo-1", press.EmbargoNotice, "tashkent-2022"
	if doc, kinds := newsroomCopy(t, newKit(t, f), letter("en")); doc != nil {
		t.Errorf("the parts are %s", kinds)
	}
}

// A correction says in the note what it corrects, and points to it.
func TestACorrectionForANewsroomsSystem(t *testing.T) {
	f := small(t)
	f.Release.Slug, f.Release.Kind, f.Release.About = "tashkent-corrected", press.Correction, "tashkent-2022"
	f.Release.Editions[0].Changed, f.Release.Editions[0].About = "the date", "An older headline"
	first := time.Date(2027, 3, 5, 9, 0, 0, 0, time.UTC)
	f.Version = press.Version{Number: 1, First: first, Made: first, About: first.Add(-time.Hour)}
	doc, _ := newsroomCopy(t, newKit(t, f), letter("en"))
	if doc["edNote"] != "This corrects our text “An older headline”.\n\nCorrected: the date" {
		t.Errorf("the note is %v", doc["edNote"])
	}
	if all, _ := json.Marshal(doc["associations"]); !strings.Contains(string(all), "tag:conference.example,2027:tashkent-2022:en") {
		t.Errorf("it points to %s", all)
	}
}
