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
	var lang, out, serve string
	var all bool
	c := &cobra.Command{
		Use:   "preview RELEASE",
		Short: "Write the mail as it would arrive: .eml, .html and .txt per edition",
		Long: "Write the mail as it would arrive: .eml, .html and .txt per edition.\n" +
			"With --all it is every copy that the release can become: each edition, for each send, a test and the\n" +
			"notices that could become necessary, to contacts who are made up; and index.html, a page to look at\n" +
			"all of them. With --serve that page is served to this machine, and follows the folder as it is\n" +
			"edited. Neither needs the store.",
		Args: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("serve") && len(args) == 2 {
				return nil // the address as a word of its own
			}
			return arguments(1, "the name of a release")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			of.Release = args[0]
			if lang != "" {
				if of.Lang, err = press.ParseLang(lang); err != nil {
					return misuse{err, c.CommandPath()}
				}
			}
			if err := previewFlags(c); err != nil {
				return misuse{err, c.CommandPath()}
			}
			switch {
			case c.Flags().Changed("serve"):
				return a.servePreview(c.Context(), of, append([]string{serve}, args[1:]...))
			case all:
				return a.previewAll(of, out)
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
	c.Flags().BoolVar(&all, "all", false, "every copy that the release can become, and a page to look at them")
	c.Flags().StringVar(&serve, "serve", "", "serve that page, which follows the folder, at `ADDRESS`; without one at "+previewAddress+", or another port where that is taken")
	c.Flags().Lookup("serve").NoOptDefVal = previewAddress
	return c
}

// previewFlags refuses flags that do not go together.
func previewFlags(c *cobra.Command) error {
	for flag, others := range map[string][]string{"all": {"contact", "send"}, "serve": {"contact", "send", "out", "all"}} {
		for _, other := range others {
			if c.Flags().Changed(flag) && c.Flags().Changed(other) {
				return fmt.Errorf("--%s and --%s do not go together", flag, other)
			}
		}
	}
	return nil
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
