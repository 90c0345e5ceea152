package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/proofs"
)

// previewedAll is what `preview --all --json` prints.
type previewedAll struct {
	Index  string        `json:"index"` // the page to open
	Copies []writtenCopy `json:"copies"`
}

// writtenCopy is what was written of one copy.
type writtenCopy struct {
	Edition   press.Lang        `json:"edition"`
	Occasion  desk.OccasionKind `json:"occasion"`
	Send      string            `json:"send,omitempty"`
	Contact   string            `json:"contact"`
	Subject   string            `json:"subject"`
	Files     []string          `json:"files"`
	Bytes     int               `json:"bytes"`      // of the whole message
	HTMLBytes int               `json:"html_bytes"` // of its HTML
}

// proofs makes every copy from the folder as it is, without the store.
func (a *app) proofs(of desk.PreviewOf) (desk.Proofs, error) {
	c, err := a.loadConfig()
	if err != nil {
		return desk.Proofs{}, err
	}
	signs, err := signing(c)
	if err != nil {
		return desk.Proofs{}, err
	}
	return (&desk.Desk{Config: c, Sign: signs}).Proofs(of.Release, of.Lang, time.Now())
}

// previewAll writes every copy, and the page that shows them.
func (a *app) previewAll(of desk.PreviewOf, dir string) error {
	p, err := a.proofs(of)
	if err != nil {
		return err
	}
	files, err := proofs.Files(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Content, 0o600); err != nil {
			return fmt.Errorf("writing the preview: %w", err)
		}
	}
	written := previewedAll{Index: filepath.Join(dir, proofs.Index)}
	for _, c := range p.Copies {
		w := writtenCopy{c.Edition, c.Occasion.Kind, c.Occasion.Send, c.Contact.ID, c.Subject, proofs.Names(p, c), len(c.Message), c.HTMLBytes}
		for i, name := range w.Files {
			w.Files[i] = filepath.Join(dir, name)
		}
		written.Copies = append(written.Copies, w)
	}
	if a.json {
		return a.printJSON(written)
	}
	a.showPreviews(p)
	a.say("", "To look at them, open  "+bold(written.Index))
	return nil
}

// showPreviews tells how many copies each edition has, and its largest mail.
func (a *app) showPreviews(p desk.Proofs) {
	var rows [][]string
	for _, e := range p.Editions {
		n, largest, subject := 0, 0, ""
		for _, c := range p.Copies {
			if c.Edition != e.Lang {
				continue
			}
			n++
			largest = max(largest, len(c.Message))
			if c.Occasion.Kind == desk.ForGeneral {
				subject = c.Subject
			}
		}
		rows = append(rows, []string{string(e.Lang), thousands(n), fmt.Sprintf("%.1f KB", float64(largest)/1000), subject})
	}
	a.grid([]string{"edition", "copies", "largest", "subject"}, map[int]bool{1: true, 2: true}, rows)
}
