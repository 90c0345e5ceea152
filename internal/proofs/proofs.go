package proofs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/webpage"
)

//go:embed proofs.html.tmpl
var proofsTemplate string

//go:embed proofs.css
var proofsStyle string

//go:embed proofs.js
var proofsScript string

//go:embed live.js
var liveScript string

// Index is the name of the page that shows all the others.
const Index = "index.html"

// File is one file of the proofs.
type File struct {
	Name    string
	Content []byte
}

// Files are the proofs of a release as files that lie beside each other:
// of each copy the mail, its HTML in light and in dark, and its text; and a page
// to look at all of them, which comes last.
func Files(p desk.Proofs) ([]File, error) {
	s, files, err := newSheet(p)
	if err != nil {
		return nil, err
	}
	index, err := s.page()
	return append(files, File{Index, index}), err
}

// Names are the files of one copy, the mail first. They sort by edition,
// occasion and contact.
func Names(p desk.Proofs, c desk.Proof) []string {
	base := p.Release.Slug + "." + anchorOf(p, c)
	return []string{base + ".eml", base + ".html", base + ".dark.html", base + ".txt"}
}

func anchorOf(p desk.Proofs, c desk.Proof) string {
	return string(c.Edition) + "." + occasionKey(p, c.Occasion) + "." + contactKey(p, c.Contact)
}

// occasionKey is an occasion within a file's name: its number, so that they sort
// as they happen, and its name.
func occasionKey(p desk.Proofs, o desk.Occasion) string {
	width := len(strconv.Itoa(len(p.Occasions)))
	for i, other := range p.Occasions {
		if other == o {
			return fmt.Sprintf("%0*d-%s", width, i+1, nameOf(o))
		}
	}
	return nameOf(o)
}

func nameOf(o desk.Occasion) string {
	if o.Send != "" {
		return o.Send
	}
	return string(o.Kind)
}

func contactKey(p desk.Proofs, c desk.ProofContact) string {
	for i, other := range p.Contacts {
		if other.ID == c.ID {
			return fmt.Sprintf("%d-%s", i+1, c.ID)
		}
	}
	return c.ID
}

// sheet is what the page's template sees.
type sheet struct {
	Release      press.Release
	Organisation string
	Editions     []sheetEdition
	Occasions    []option
	Contacts     []option
	Count        int

	Live    bool
	Local   bool   // nobody but this machine can ask
	At      string // where it is served
	Faults  press.Faults
	Wrong   string // why it is not as the folder has it, where that is no fault with a place
	Version string
	Policy  string
	Style   template.CSS
	Script  template.JS
}

// InTrouble tells whether the folder is not as the page shows it.
func (s sheet) InTrouble() bool { return len(s.Faults) > 0 || s.Wrong != "" }

// Place tells where a fault is.
func (s sheet) Place(f press.Fault) string {
	return fmt.Sprintf("%s:%d:%d", f.File, max(f.Line, 1), max(f.Column, 1))
}

// option is one that a filter offers.
type option struct{ Key, Label, Note string }

type sheetEdition struct {
	desk.ProofEdition
	Subject   string
	Largest   size
	Occasions []sheetOccasion
}

type sheetOccasion struct {
	option
	Anchor string
	Copies []sheetCopy
}

type sheetCopy struct {
	letter
	Anchor                 string
	Edition, Dir           string
	Occasion               option
	Contact                option
	Held                   bool
	Still                  bool // its frames need no script
	HTML                   size
	Mail                   string
	Text                   string
	Lines                  int
	EML, Light, Dark, Body string // files
}

// screen is one look at a copy's HTML.
type screen struct {
	Width, Colours, Caption, Title, File string
	Still                                bool // it is shown without scripts, too
}

// Screen looks at the copy on a phone or on a desktop, in light or in dark.
func (c sheetCopy) Screen(width string, colours scheme) screen {
	s := screen{Width: width, Colours: string(colours), Caption: "Desktop, 720 px", File: c.Light, Still: c.Still}
	if width == "phone" {
		s.Caption = "Phone, 360 px"
	}
	if colours == dark {
		s.File = c.Dark
	}
	s.Title = fmt.Sprintf("%s in %s, %s: %s, %s", c.Occasion.Label, c.Edition, strings.ToLower(c.Contact.Label), width, colours)
	return s
}

// clipsAt is how much HTML Gmail shows of a mail.
const clipsAt = 102 << 10

// size is that of a mail's HTML, against what Gmail shows of it.
type size int

// KB tells it.
func (s size) KB() string { return kilobytes(int(s)) }

// Percent is how much of what Gmail shows.
func (s size) Percent() int { return int(s) * 100 / clipsAt }

// Clipped tells whether Gmail cuts the mail off.
func (s size) Clipped() bool { return s > clipsAt }

// newSheet lays the proofs out, with the files that the page shows.
func newSheet(p desk.Proofs) (sheet, []File, error) {
	s := sheet{Release: p.Release, Organisation: p.Sender.Organisation.In("en"), Count: len(p.Copies)}
	for _, o := range p.Occasions {
		s.Occasions = append(s.Occasions, occasionOption(p, o))
	}
	for _, c := range p.Contacts {
		s.Contacts = append(s.Contacts, contactOption(p, c))
	}
	var files []File
	sum := sha256.New()
	for _, e := range p.Editions {
		of, own, err := newEdition(p, e)
		if err != nil {
			return sheet{}, nil, err
		}
		s.Editions = append(s.Editions, of)
		files = append(files, own...)
	}
	for _, f := range files {
		fmt.Fprintf(sum, "%s %d %s", f.Name, len(f.Content), f.Content)
	}
	s.Version = hex.EncodeToString(sum.Sum(nil)[:12])
	return s, files, nil
}

// newEdition lays one edition out.
func newEdition(p desk.Proofs, e desk.ProofEdition) (sheetEdition, []File, error) {
	of := sheetEdition{ProofEdition: e}
	var files []File
	for _, o := range p.Occasions {
		group := sheetOccasion{option: occasionOption(p, o)}
		group.Anchor = string(e.Lang) + "." + group.Key
		for _, c := range p.Copies {
			if c.Edition != e.Lang || c.Occasion != o {
				continue
			}
			laid, own, err := layOut(p, e, c)
			if err != nil {
				return of, nil, fmt.Errorf("the copy %s: %w", anchorOf(p, c), err)
			}
			files = append(files, own...)
			if of.Subject == "" && o.Kind == desk.ForGeneral {
				of.Subject, laid.Still = laid.Subject, true
			}
			group.Copies = append(group.Copies, laid)
			of.Largest = max(of.Largest, laid.HTML)
		}
		of.Occasions = append(of.Occasions, group)
	}
	return of, files, nil
}

func layOut(p desk.Proofs, e desk.ProofEdition, c desk.Proof) (sheetCopy, []File, error) {
	l, err := readLetter(c.Message)
	if err != nil {
		return sheetCopy{}, nil, err
	}
	names := Names(p, c)
	files := []File{{names[0], c.Message}, {Name: names[1]}, {Name: names[2]}, {names[3], []byte(c.Text)}}
	for i, s := range []scheme{light, dark} {
		page, err := inScheme(c.HTML, s)
		if err != nil {
			return sheetCopy{}, nil, err
		}
		files[1+i].Content = []byte(page)
	}
	return sheetCopy{
		letter: l, Anchor: anchorOf(p, c), Edition: string(e.Lang), Dir: e.Dir,
		Occasion: occasionOption(p, c.Occasion), Contact: contactOption(p, c.Contact), Held: c.Held,
		HTML: size(c.HTMLBytes), Mail: kilobytes(len(c.Message)), Text: c.Text, Lines: strings.Count(c.Text, "\n"),
		EML: names[0], Light: names[1], Dark: names[2], Body: names[3],
	}, files, nil
}

func occasionOption(p desk.Proofs, o desk.Occasion) option {
	label, note := occasionWords(o.Kind)
	if o.Send != "" && o.Send != string(o.Kind) {
		label += " (" + o.Send + ")"
	}
	return option{occasionKey(p, o), label, note}
}

func occasionWords(k desk.OccasionKind) (label, note string) {
	switch k {
	case desk.ForAdvance:
		return "Advance copy", "Before the lift, to outlets with an embargo agreement."
	case desk.ForGeneral:
		return "General copy", "At the lift or later."
	case desk.ForFollowUp:
		return "Follow-up", "After another send, to those who have it."
	case desk.ForTest:
		return "Test copy", "What `dateline test` sends to your own people."
	case desk.ForKill:
		return "Kill notice", "Were the release killed: to those who have a copy."
	case desk.ForMovedLift:
		return "Notice that the embargo moved", "Were it moved, here by a day: to those who have a copy under embargo."
	case desk.ForFreeRelease:
		return "Notice that the embargo ended", "Were it given up: to those who have a copy under embargo."
	default:
		return string(k), ""
	}
}

func contactOption(p desk.Proofs, c desk.ProofContact) option {
	label := map[string]string{"known": "Everything is known", "bare": "Only the address is known", "long": "Long names"}[c.ID]
	var known []string
	for _, s := range []string{c.Name, c.Outlet, string(c.Address), c.Zone} {
		if s != "" {
			known = append(known, s)
		}
	}
	return option{contactKey(p, c), label, strings.Join(known, " · ")}
}

// page writes the page.
func (s sheet) page() ([]byte, error) {
	t, err := template.New("proofs").Parse(proofsTemplate)
	if err != nil {
		return nil, fmt.Errorf("reading the template of the proofs: %w", err)
	}
	s.Style, s.Script = template.CSS(webpage.Style+proofsStyle), template.JS(s.script()) //nolint:gosec // our own
	if !s.Live {
		s.Policy = s.policy() + " file:" // what lies beside the page
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return nil, fmt.Errorf("writing the page of the proofs: %w", err)
	}
	return b.Bytes(), nil
}

func (s sheet) script() string {
	if s.Live {
		return proofsScript + liveScript
	}
	return proofsScript
}

// policy lets the page's own style and script through, and the mails as frames.
func (s sheet) policy() string {
	live := ""
	if s.Live {
		live = "connect-src 'self'; "
	}
	return "default-src 'none'; style-src '" + webpage.Hash(webpage.Style+proofsStyle) + "'; script-src '" + webpage.Hash(s.script()) + "'; " + live + "base-uri 'none'; form-action 'none'; frame-src 'self'"
}
