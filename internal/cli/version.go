package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what the Go tool stamped into the program: which version of which
// commit it is. What it does not know is empty.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Date     string `json:"date,omitempty"` // the commit's, for the same source gives the same program whenever it is built
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func builtFrom(info *debug.BuildInfo, ok bool) build {
	b := build{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func version() string { return builtFrom(debug.ReadBuildInfo()).Version }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show which version this is, and of which commit it was built",
		Args:  arguments(0),
		RunE: func(*cobra.Command, []string) error {
			b := builtFrom(debug.ReadBuildInfo())
			if a.json {
				return a.printJSON(b)
			}
			fmt.Fprintln(a.Out, b)
			return nil
		},
	}
}

func (b build) String() string {
	text := "dateline " + b.Version
	if b.Commit != "" {
		text += fmt.Sprintf(", commit %.12s of %s", b.Commit, b.Date)
	}
	if b.Modified {
		text += ", with changes that were not committed"
	}
	return text + ", " + b.Go + ", " + b.Platform
}
