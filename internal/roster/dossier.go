package roster

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"dateline/internal/press"
)

//go:embed dossier.html.tmpl
var dossierPage string

// WriteDossier writes a dossier as one HTML page, to send to whom it is about:
// without what they are still to get. Times are in UTC.
func WriteDossier(w io.Writer, d press.Dossier) error {
	t, err := template.New("dossier").Funcs(template.FuncMap{"at": func(t time.Time) string {
		if t.IsZero() {
			return "–"
		}
		return t.UTC().Format("2 January 2006, 15:04 UTC")
	}}).Parse(dossierPage)
	if err == nil {
		err = t.Execute(w, d.Told())
	}
	if err != nil {
		return fmt.Errorf("writing a dossier: %w", err)
	}
	return nil
}
