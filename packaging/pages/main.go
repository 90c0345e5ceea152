// Command pages writes into a folder what a package brings beside the program:
// a man page for each command, and the completions of bash, zsh and fish. They
// are made of the commands themselves.
//
//	go run ./packaging/pages -version 1.2.3 -date 2027-01-31T12:00:00Z DIR
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"dateline/internal/cli"
)

func main() {
	version := flag.String("version", "", "the version that the pages name")
	date := flag.String("date", "", "the instant that the pages name, in RFC 3339")
	flag.Parse()
	at, err := time.Parse(time.RFC3339, *date)
	if err == nil && flag.NArg() != 1 {
		err = errors.New("one folder to write into is wanted")
	}
	if err == nil {
		err = write(cli.Command(), flag.Arg(0), *version, at)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "pages: %v\n", err)
		os.Exit(1)
	}
}

// write fills dir/man1 and dir/completions.
func write(root *cobra.Command, dir, version string, at time.Time) error {
	man, completions := filepath.Join(dir, "man1"), filepath.Join(dir, "completions")
	for _, folder := range []string{man, completions} {
		if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // pages are for all to read
			return err
		}
	}
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd()
	head := &doc.GenManHeader{Section: "1", Date: &at, Source: "Dateline " + version, Manual: "Dateline"}
	if err := doc.GenManTree(root, head, man); err != nil {
		return fmt.Errorf("writing man pages: %w", err)
	}
	return errors.Join(
		root.GenBashCompletionFileV2(filepath.Join(completions, "dateline.bash"), true),
		root.GenZshCompletionFile(filepath.Join(completions, "dateline.zsh")),
		root.GenFishCompletionFile(filepath.Join(completions, "dateline.fish"), true),
	)
}
