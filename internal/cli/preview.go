package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
	"dateline/internal/press"
)

func (a *app) previewCommand() *cobra.Command {
	var of desk.PreviewOf
	var lang, out string
	c := &cobra.Command{
		Use:   "preview RELEASE",
		Short: "Write the mail as it would arrive: .eml, .html and .txt per edition",
		Args:  arguments(1, "the name of a release"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			of.Release = args[0]
			if lang != "" {
				if of.Lang, err = press.ParseLang(lang); err != nil {
					return misuse{err, c.CommandPath()}
				}
			}
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			shown, err := o.desk().Preview(c.Context(), of, time.Now())
			if err != nil {
				return err
			}
			return a.writePreviews(out, of.Release, shown)
		},
	}
	c.Flags().StringVar(&lang, "lang", "", "only the edition in this language")
	c.Flags().StringVar(&of.Contact, "contact", "", "as this contact gets it: an id or an address")
	c.Flags().StringVar(&of.Send, "send", "", "as this send's copy (default: the first general one)")
	c.Flags().StringVar(&out, "out", "preview", "the folder to write to")
	return c
}

// previewFiles is what `preview --json` prints of one copy.
type previewFiles struct {
	Edition press.Lang `json:"edition"`
	Subject string     `json:"subject"`
	Files   []string   `json:"files"`
	Bytes   int        `json:"bytes"` // of the whole message
}

func (a *app) writePreviews(dir, slug string, shown []desk.Preview) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	written := make([]previewFiles, 0, len(shown))
	var rows [][]string
	for _, p := range shown {
		base := filepath.Join(dir, slug+"."+string(p.Edition))
		files := previewFiles{p.Edition, p.Subject, []string{base + ".eml", base + ".html", base + ".txt"}, len(p.Message)}
		if err := errors.Join(
			os.WriteFile(files.Files[0], p.Message, 0o600),
			os.WriteFile(files.Files[1], []byte(p.HTML), 0o600),
			os.WriteFile(files.Files[2], []byte(p.Text), 0o600),
		); err != nil {
			return fmt.Errorf("writing the preview: %w", err)
		}
		written = append(written, files)
		rows = append(rows, []string{string(p.Edition), base + ".{eml,html,txt}", fmt.Sprintf("%.1f KB", float64(files.Bytes)/1000), p.Subject})
	}
	if a.json {
		return a.printJSON(written)
	}
	a.grid([]string{"edition", "files", "mail", "subject"}, map[int]bool{2: true}, rows)
	return nil
}
