package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dateline/internal/cli"
)

// Every command has a page that names it and its flags, made at the date that is
// given and no other; and every shell a script that the shell itself reads.
func TestPagesAreOfTheCommands(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	if err := write(cli.Command(), dir, "1.2.3", at); err != nil {
		t.Fatal(err)
	}
	pages := 0
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		pages++
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		text, err := os.ReadFile(filepath.Join(dir, "man1", name+".1"))
		if err != nil {
			t.Error(err)
			return
		}
		for _, want := range []string{`.TH "` + strings.ToUpper(name) + `" "1" "Jan 2027" "Dateline 1.2.3"`} {
			if !strings.Contains(string(text), want) {
				t.Errorf("the page of %s lacks %q", c.CommandPath(), want)
			}
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(string(text), `\fB--`+f.Name+`\fP`) {
				t.Errorf("the page of %s lacks --%s", c.CommandPath(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				look(sub)
			}
		}
	}
	look(cli.Command())
	found, err := filepath.Glob(filepath.Join(dir, "man1", "*"))
	if err != nil || pages < 40 || len(found) < pages {
		t.Errorf("%d commands, %d pages (%v)", pages, len(found), err)
	}
	for shell, check := range map[string][]string{"bash": {"-n"}, "zsh": {"-n"}, "fish": {"--no-execute"}} {
		script := filepath.Join(dir, "completions", "dateline."+shell)
		if text, err := os.ReadFile(script); err != nil || !bytes.Contains(text, []byte("dateline")) {
			t.Errorf("%s: %v, %d bytes", script, err, len(text))
		}
		if _, err := exec.LookPath(shell); err != nil {
			t.Logf("%s is not here, and does not read its script", shell)
			continue
		}
		if out, err := exec.Command(shell, append(check, script)...).CombinedOutput(); err != nil {
			t.Errorf("%s does not read %s: %v\n%s", shell, script, err, out)
		}
	}
}
