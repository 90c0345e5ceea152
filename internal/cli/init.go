package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dateline/internal/press"
	"dateline/internal/starter"
)

// initFlags are the answers as a command line gives them.
type initFlags struct{ organisation, from, relay, country, languages, state string }

func (a *app) initCommand() *cobra.Command {
	var f initFlags
	c := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Make a first config folder by five questions, with a sample release that lifts tomorrow",
		Long: "Make a first config folder, `config` where none is named: a sender, a relay, a list, and a sample release\n" +
			"that lifts tomorrow and goes to nobody but yourself. What no flag answers is asked, where a person sits\n" +
			"at a terminal. It writes over nothing.",
		Args: mayName,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				a.config = args[0]
			}
			return a.init(c.Context(), f, c.CommandPath())
		},
	}
	c.Flags().StringVar(&f.organisation, "organisation", "", "the organisation's name, as letters show it")
	c.Flags().StringVar(&f.from, "from", "", "the address that releases come from")
	c.Flags().StringVar(&f.relay, "relay", "", "the mail server that letters are handed to, `HOST:PORT`")
	c.Flags().StringVar(&f.country, "country", "", "the country, such as AT; where it has several time zones with one behind it: 'US America/New_York'")
	c.Flags().StringVar(&f.languages, "languages", "", "the languages of releases, such as en,ru")
	c.Flags().StringVar(&f.state, "state", "../state", "the `folder` for the store and the keys; a relative one starts at the config folder")
	return c
}

func (a *app) init(ctx context.Context, f initFlags, command string) error {
	answers, err := a.answers(f, command)
	if err != nil {
		return err
	}
	files, err := starter.Files(answers, time.Now())
	if err != nil {
		return err
	}
	if err := writeNew(a.config, files); err != nil {
		return err
	}
	if err := a.check(ctx); err != nil {
		return err
	}
	if !a.json {
		a.sayNext()
	}
	return nil
}

// question is one of the five: its flag, how it is asked, and what takes it.
type question struct {
	flag, given, ask string
	take             func(string) error
}

func (f initFlags) questions(to *starter.Answers) []question {
	return []question{
		{"organisation", f.organisation, "The organisation's name, as letters show it", taking(&to.Organisation, starter.ParseOrganisation)},
		{"from", f.from, "The address that releases come from (press@example.org)", taking(&to.From, press.ParseAddress)},
		{"relay", f.relay, "The mail server that letters are handed to (smtp.example.org:587)", taking(&to.Relay, starter.ParseRelay)},
		{"country", f.country, "The country, and its time zone where it has several (AT; US America/New_York)", taking(&to.Place, starter.ParsePlace)},
		{"languages", f.languages, "The languages of releases (en,ru)", taking(&to.Languages, starter.ParseLanguages)},
	}
}

func taking[T any](to *T, parse func(string) (T, error)) func(string) error {
	return func(s string) (err error) {
		*to, err = parse(s)
		return err
	}
}

// answers are those of the flags; the rest is asked for, or wanted where nobody
// can be asked. All that is wrong with flags is told at once.
func (a *app) answers(f initFlags, command string) (starter.Answers, error) {
	to := starter.Answers{Dir: a.config, State: f.state}
	var wrong []error
	var left []question
	for _, q := range f.questions(&to) {
		if q.given == "" {
			left = append(left, q)
		} else if err := q.take(q.given); err != nil {
			wrong = append(wrong, fmt.Errorf("--%s: %w", q.flag, err))
		}
	}
	in, terminal := a.In.(*os.File)
	terminal = terminal && term.IsTerminal(int(in.Fd()))
	if !terminal {
		for _, q := range left {
			wrong = append(wrong, fmt.Errorf("--%s is wanted, for there is no terminal to ask at: %s", q.flag, q.ask))
		}
	}
	if len(wrong) > 0 {
		return to, misuse{errors.Join(wrong...), command}
	}
	lines := bufio.NewScanner(a.In)
	for _, q := range left {
		if err := a.ask(lines, q); err != nil {
			return to, err
		}
	}
	return to, nil
}

// ask asks until the answer can be used.
func (a *app) ask(lines *bufio.Scanner, q question) error {
	for {
		fmt.Fprintf(a.Err, "%s: ", q.ask)
		if !lines.Scan() {
			fmt.Fprintln(a.Err)
			if lines.Err() != nil {
				return fmt.Errorf("reading the answer: %w", lines.Err())
			}
			return fmt.Errorf("nothing was written, for the questions were not answered: %w", io.ErrUnexpectedEOF)
		}
		err := q.take(strings.TrimSpace(lines.Text()))
		if err == nil {
			return nil
		}
		fmt.Fprintln(a.Err, err)
	}
}

// writeNew writes files into a folder. Where one of them is there already,
// nothing is written.
func writeNew(dir string, files map[string]string) error {
	names := slices.Sorted(maps.Keys(files))
	var there []string
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, name)
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("%s holds %s already, and nothing is written over; name a folder that does not exist yet", dir, strings.Join(there, ", "))
	}
	for _, name := range names {
		if err := writeNewFile(filepath.Join(dir, filepath.FromSlash(name)), files[name]); err != nil {
			return fmt.Errorf("making the config folder: %w", err)
		}
	}
	return nil
}

func writeNewFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640) //nolint:gosec // the daemon's group reads the folder
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// sayNext names the commands that come next.
func (a *app) sayNext() {
	command := "dateline"
	if a.config != "config" {
		command += " --config " + shellQuote(a.config)
	}
	contacts := shellQuote(filepath.Join(a.config, "contacts", "first.csv"))
	a.say("", "Next:",
		"  "+command+" contacts import "+contacts+"  # the first reader is yourself",
		"  "+command+" preview "+starter.Slug+" --out preview  # the mail as it would arrive",
		"  "+command+" plan "+starter.Slug+"  # who would get it, and when")
}

// shellQuote keeps a shell from reading anything but a name.
func shellQuote(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("/._-+", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
