package cli

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write docs/cli.md anew")

// docs/cli.md is made of the commands themselves, so that it cannot tell of a
// command or a flag that is not there, nor keep one from its readers.
func TestReferenceIsCommitted(t *testing.T) {
	const path = "../../docs/cli.md"
	if *update {
		if err := os.WriteFile(path, []byte(reference()), 0o644); err != nil { //nolint:gosec // a document, for all to read
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != reference() {
		t.Errorf("%s is not what the commands say of themselves; go test ./internal/cli -run TestReferenceIsCommitted -update writes it", path)
	}
}

// Every command stands in the reference, under a group, with a short text.
func TestReferenceIsComplete(t *testing.T) {
	text := reference()
	root := (&app{}).root()
	for _, c := range commands(root) {
		if !strings.Contains(text, "### `"+c.CommandPath()+"`\n") {
			t.Errorf("the reference lacks %s", c.CommandPath())
		}
		if c.Short == "" || c.Parent() == root && c.GroupID == "" {
			t.Errorf("%s has no short text or no group", c.CommandPath())
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s does not say what it is for", c.CommandPath(), f.Name)
			}
		})
	}
}

const referenceHead = "# The command line\n\n" +
	"<!-- Made of the commands themselves; go test ./internal/cli -run TestReferenceIsCommitted -update writes it. -->\n\n" +
	"Results go to standard output, everything else to standard error. `dateline COMMAND --help` tells the same as this page.\n\n" +
	"| exit code | what it says |\n|---|---|\n" +
	"| 0 | Done. |\n" +
	"| 1 | Failed; the reason stands on standard error. |\n" +
	"| 2 | The command was not called as it must be. |\n" +
	"| 3 | From `plan` and `notice`: there is something to approve. |\n\n" +
	"Every command takes these flags:\n\n"

// reference is docs/cli.md as the commands have it.
func reference() string {
	root := (&app{}).root()
	var b strings.Builder
	b.WriteString(referenceHead)
	writeFlags(&b, root.PersistentFlags())
	for _, group := range root.Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n", strings.TrimSuffix(group.Title, ":"))
		for _, c := range root.Commands() {
			if c.GroupID == group.ID {
				fmt.Fprintf(&b, "- [`%s`](#%s) %s\n", c.Name(), strings.ReplaceAll(c.CommandPath(), " ", "-"), lowered(c.Short))
			}
		}
		for _, c := range root.Commands() {
			if c.GroupID != group.ID {
				continue
			}
			for _, one := range append([]*cobra.Command{c}, commands(c)...) {
				writeCommand(&b, one)
			}
		}
	}
	return b.String()
}

// lowered is a sentence that goes on from a name.
func lowered(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// commands are all below a command, in the order of their names.
func commands(parent *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, c := range parent.Commands() {
		all = append(append(all, c), commands(c)...)
	}
	return all
}

func writeCommand(b *strings.Builder, c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	fmt.Fprintf(b, "\n### `%s`\n\n%s\n", c.CommandPath(), text)
	if c.HasAvailableSubCommands() {
		return // it only groups them
	}
	fmt.Fprintf(b, "\n    %s %s\n", c.Parent().CommandPath(), c.Use)
	if c.HasAvailableLocalFlags() {
		b.WriteString("\n")
		writeFlags(b, c.LocalNonPersistentFlags())
	}
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | default | what it does |\n|---|---|---|\n")
	flags.VisitAll(func(f *pflag.Flag) {
		kind, usage := pflag.UnquoteUsage(f)
		name, preset := strings.TrimSpace("--"+f.Name+" "+strings.ToUpper(kind)), ""
		if f.DefValue != "" && f.DefValue != "false" {
			preset = "`" + f.DefValue + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, preset, strings.ReplaceAll(usage, "|", `\|`))
	})
}
