package console

import (
	"net/http"
	"slices"

	"dateline/internal/access"
	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/proofs"
)

// editionPage shows one edition as it would arrive.
type editionPage struct {
	Slug     string
	Lang     press.Lang
	Others   []press.Lang
	Preview  desk.Preview
	Bytes    int
	Held     bool
	Zone     string
	SignedBy string
}

func (c *Console) previewOf(r *http.Request) (desk.Preview, error) {
	of := desk.PreviewOf{Release: r.PathValue("slug"), Lang: press.Lang(r.PathValue("lang"))}
	shown, err := c.Office().Desk.Preview(r.Context(), of, c.Now())
	if err != nil {
		return desk.Preview{}, err
	}
	return shown[0], nil
}

func (c *Console) edition(w http.ResponseWriter, r *http.Request, by access.Person) error {
	slug, lang := r.PathValue("slug"), press.Lang(r.PathValue("lang"))
	p := editionPage{Slug: slug, Lang: lang}
	known := false
	for _, f := range c.Office().Config.Releases {
		if f.Slug != slug {
			continue
		}
		p.Zone = f.Dateline.Zone
		for _, e := range f.Editions {
			p.Others = append(p.Others, e.Lang)
			if e.Lang == lang {
				p.SignedBy, known = e.SignedOffBy, true
			}
		}
	}
	if !known {
		return faultOf(http.StatusNotFound, "The folder has no edition "+string(lang)+" of "+slug+".", "The release's page names those that it has.")
	}
	slices.Sort(p.Others)
	var err error
	if p.Preview, err = c.previewOf(r); err != nil {
		return err
	}
	p.Bytes = len(p.Preview.Message)
	c.show(w, r, by, http.StatusOK, "edition", string(lang)+" edition of "+slug, p)
	return nil
}

// mailFrame lets a mail be shown within our pages, where it runs and loads nothing.
const mailFrame = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

// editionPart is the mail's page, in light or in dark, its text, or its source.
func (c *Console) editionPart(w http.ResponseWriter, r *http.Request, _ access.Person) error {
	p, err := c.previewOf(r)
	if err != nil {
		return err
	}
	var text string
	kind := "text/plain; charset=utf-8"
	switch part := r.PathValue("part"); part {
	case "light", "dark":
		if text, err = proofs.InScheme(p.HTML, part); err != nil {
			return err
		}
		kind = "text/html; charset=utf-8"
		w.Header().Set("Content-Security-Policy", mailFrame)
		w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	case "text":
		text = p.Text
	case "source":
		text = string(p.Message)
	default:
		return errNotFound
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write([]byte(text)) // whoever went away does not want it
	return nil
}
