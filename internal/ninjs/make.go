package ninjs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
)

// Status is what a newsroom may do with a document: IPTC's pubStatus.
type Status string

// The statuses.
const (
	Usable   Status = "usable"   // it may be used, once an embargo has passed
	Withheld Status = "withheld" // it must not be used until a further version says so
	Canceled Status = "canceled" // it must not be used, nor what came before it
)

// Input is all that goes into a document. Texts are ready to be read, in the
// edition's language.
type Input struct {
	Release press.Release
	Edition press.Edition
	Sender  press.Sender
	Status  Status

	Version        int       // from 1
	FirstCreated   time.Time // of version 1; it is part of the uri, and stays
	VersionCreated time.Time
	AboutCreated   time.Time // of a correction, where it is known: FirstCreated of what it corrects

	Text string // the story as plain text
	HTML string // the story as an HTML fragment

	Notes      []string // to editors, never published: the embargo's words, what a correction changed, why a kill
	UsageTerms string   // where the sender has any
}

const (
	schemaVersion = "3.2"
	schemaID      = "http://www.iptc.org/std/ninjs/ninjs-schema_3.2.json#"
)

// Make writes the document.
func Make(in Input) ([]byte, error) {
	d, err := in.document()
	if err != nil {
		return nil, fmt.Errorf("writing %s in %q as ninjs:\n%w", in.Release.Slug, in.Edition.Lang, err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("writing %s in %q as ninjs: %w", in.Release.Slug, in.Edition.Lang, err)
	}
	return b.Bytes(), nil
}

func (in Input) document() (document, error) {
	uri, uriFault := in.uri(in.FirstCreated, in.Release.Slug)
	sources, sourcesFault := in.infoSources()
	d := document{
		Standard: standard{Name: "ninjs", Version: schemaVersion, Schema: schemaID},
		URI:      uri, Type: "text", RepresentationType: "full",
		Version:        strconv.Itoa(in.Version),
		FirstCreated:   instant(in.FirstCreated.UTC()),
		VersionCreated: instant(in.VersionCreated.UTC()),
		EmbargoedUntil: embargoedUntil(in.Release.Embargo),
		PubStatus:      in.Status,
		EdNote:         notes(in.Notes),
		Language:       string(in.Edition.Lang),
		Slugline:       in.Release.Slug,
		By:             in.Sender.Organisation.In(in.Edition.Lang),
		InfoSources:    sources,
	}
	faults := []error{in.check(), uriFault, sourcesFault}
	if in.Status == Canceled {
		d.RepresentationType = "partial"
	} else {
		faults = append(faults, in.tell(&d))
	}
	return d, errors.Join(faults...)
}

// check tells what is wrong with what a document is about.
func (in Input) check() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	kind, e := in.Release.Kind, in.Release.Embargo
	fault(kind == press.KillNotice || kind == press.EmbargoNotice,
		"the release is a notice (kind %s) and no story; the release that it is about is wanted, with the notice's words among the notes", kind)
	switch in.Status {
	case Usable, Withheld, Canceled:
	default:
		fault(true, "%q is no publishing status; %s, %s or %s is wanted", in.Status, Usable, Withheld, Canceled)
	}
	fault(in.Version < 1, "version %d cannot be; 1 or more is wanted", in.Version)
	fault(in.Status == Canceled && in.Version == 1, "version 1 cannot cancel anything; a higher version than the one to be canceled is wanted")
	fault(!told(in.FirstCreated), "the instant of the first version is missing, or in no year of four digits")
	fault(!told(in.VersionCreated), "the instant of this version is missing, or in no year of four digits")
	fault(in.VersionCreated.Before(in.FirstCreated), "this version is older than the first one (%s, %s)",
		instant(in.VersionCreated.UTC()), instant(in.FirstCreated.UTC()))
	fault(!e.None && !told(e.Lift.At), "the release has no embargo that is decided; an instant, or none, is wanted")
	return errors.Join(faults...)
}

// told tells whether RFC 3339 can write an instant in any zone.
func told(t time.Time) bool {
	return !t.IsZero() && t.UTC().Year() >= 1 && t.UTC().Year() <= 9998
}

// instant writes an instant by RFC 3339. A few zones were once off by seconds,
// which an offset cannot tell; there UTC is.
func instant(t time.Time) string {
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC()
	}
	return t.Format(time.RFC3339Nano)
}

func embargoedUntil(e press.Embargo) string {
	if e.None || e.Lift.IsZero() {
		return ""
	}
	return instant(e.Lift.Local())
}

// notes puts each note into a paragraph of its own.
func notes(all []string) string {
	var kept []string
	for _, n := range all {
		if n = strings.TrimSpace(n); n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, "\n\n")
}
