package console

import (
	"net/http"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"dateline/internal/access"
)

// changesPage shows in what a release differs from what was approved of it.
type changesPage struct {
	Slug  string
	Parts []changedPart
}

type changedPart struct {
	What  string
	Lines []diffLine
}

// diffLine is a line of a comparison: one that came, went, or stayed.
type diffLine struct{ Kind, Text string }

func (c *Console) changes(w http.ResponseWriter, r *http.Request, by access.Person) error {
	slug := r.PathValue("slug")
	changed, err := c.Office().Desk.Changes(r.Context(), slug, c.Now())
	if err != nil {
		return err
	}
	p := changesPage{Slug: slug}
	for _, x := range changed {
		p.Parts = append(p.Parts, changedPart{x.What, compared(x.Before, x.After)})
	}
	c.show(w, r, by, http.StatusOK, "changes", "Changes of "+slug, p)
	return nil
}

// compared are the lines that differ, with three around them.
func compared(before, after string) []diffLine {
	var lines []diffLine
	for i, l := range strings.Split(strings.TrimSuffix(udiff.Unified("", "", before, after), "\n"), "\n") {
		switch {
		case i < 2: // the names of files
		case strings.HasPrefix(l, "@@"):
			lines = append(lines, diffLine{"gap", "…"})
		case strings.HasPrefix(l, "+"):
			lines = append(lines, diffLine{"ins", l[1:]})
		case strings.HasPrefix(l, "-"):
			lines = append(lines, diffLine{"del", l[1:]})
		case strings.HasPrefix(l, " "):
			lines = append(lines, diffLine{"same", l[1:]})
		}
	}
	return lines
}
