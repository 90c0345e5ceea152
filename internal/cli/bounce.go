package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/bounce"
	"dateline/internal/dsn"
	"dateline/internal/press"
)

func (a *app) bounceCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "bounce",
		Short: "Read reports by hand, take them from a pipe, and see what could not be read",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.bounceReadCommand(), a.bounceTakeCommand(), a.quarantineCommand())
	return c
}

// longestMail is what is read of a file or a pipe; what is longer is cut, as the
// mailboxes do.
const longestMail = 1 << 20

func (a *app) bounceReadCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "read FILE|DIR|-",
		Short: "Show what bounces, complaints and replies say, without touching the store",
		Long: "Show what bounces, complaints and replies say, one line for each recipient that a message reports, without touching the store. " +
			"A folder is read with its folders, in the order of the names; `-` is the standard input. " +
			"Class `hard` means that the address is dead; everything else is `soft`.",
		Args: arguments(1, "a file, a folder or -"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.bounceRead(args[0])
		},
	}
}

// readReport is one line of `bounce read`.
type readReport struct {
	File       string           `json:"file"`
	Kind       press.ReportKind `json:"kind"`
	Recipient  press.Address    `json:"recipient"`
	Action     string           `json:"action"`
	Status     string           `json:"status"`
	Code       int              `json:"code"`
	Class      press.Class      `json:"class"`
	Reason     press.Reason     `json:"reason"`
	Token      string           `json:"token"`
	MessageID  string           `json:"message_id"`
	EnvelopeID string           `json:"envelope_id,omitempty"`
	Original   press.Address    `json:"original,omitempty"`
	Proposed   []press.Address  `json:"proposed,omitempty"`
	Diagnostic string           `json:"diagnostic"`
}

// opened is a file with what it reports, or why it could not be read.
type opened struct {
	name    string
	reports []press.Report
	err     error
}

func (a *app) bounceRead(path string) error {
	names, err := mailFiles(path)
	if err != nil {
		return err
	}
	failed := false
	var rows [][]string
	for f := range readAll(names, a.In) {
		if f.err != nil {
			failed = true
			fmt.Fprintf(a.Err, "dateline: %s: %v\n", f.name, f.err)
		}
		for _, r := range f.reports {
			line := readReport{
				File: f.name, Kind: r.Kind, Recipient: r.Recipient, Action: r.Action, Status: r.Status, Code: r.Code, Class: r.Class, Reason: r.Reason,
				Token: r.Token, MessageID: r.MessageID, EnvelopeID: r.EnvelopeID, Original: r.Original, Proposed: r.Proposed, Diagnostic: r.Diagnostic,
			}
			if !a.json {
				rows = append(rows, []string{filepath.Base(f.name), string(r.Kind), string(r.Recipient), r.Status, codeText(r.Code), classStyle(r.Class, r.Kind), string(r.Reason), cut(r.Diagnostic, 72)})
				continue
			}
			if err := a.printJSON(line); err != nil {
				return err
			}
		}
	}
	if len(rows) > 0 {
		a.grid([]string{"file", "kind", "recipient", "status", "code", "class", "reason", "diagnostic"}, nil, rows)
	}
	if failed {
		return exitCode(exitFailed)
	}
	return nil
}

// cut is the start of a text.
func cut(s string, longest int) string {
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}

func codeText(code int) string {
	if code == 0 {
		return ""
	}
	return fmt.Sprint(code)
}

// classStyle colours the class of a bounce; of nothing else it means anything.
func classStyle(c press.Class, k press.ReportKind) string {
	switch {
	case k != press.ReportBounce:
		return ""
	case c == press.Hard:
		return alarm(string(c))
	default:
		return warn(string(c))
	}
}

// mailFiles names the files of a folder, with its folders; of anything else, itself.
func mailFiles(path string) ([]string, error) {
	if path == "-" {
		return []string{"-"}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading reports: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var names []string
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			names = append(names, name)
		}
		return err
	})
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%s holds no file; one message a file is wanted", path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading reports: %w", err)
	}
	return names, nil
}

// readAll reads files on all cores, and gives them in their order.
func readAll(names []string, in io.Reader) iter.Seq[*opened] {
	return func(yield func(*opened) bool) {
		for batch := range slices.Chunk(names, readBatch) {
			files := make([]*opened, len(batch))
			var next atomic.Int64
			var cores sync.WaitGroup
			for range runtime.GOMAXPROCS(0) {
				cores.Go(func() {
					for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
						files[i] = &opened{name: batch[i]}
						files[i].read(in)
					}
				})
			}
			cores.Wait()
			for _, f := range files {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// readBatch bounds how many files are in memory at once.
const readBatch = 256

func (f *opened) read(in io.Reader) {
	var raw []byte
	if raw, f.err = readMail(f.name, in); f.err == nil {
		f.reports, f.err = dsn.Read(press.Mail{Ref: f.name, Format: press.FormatMessage, Raw: raw})
	}
}

// readMail reads the start of a message: as much as is ever looked at.
func readMail(name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(in, longestMail))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, longestMail))
	return raw, errors.Join(err, file.Close())
}

// exitLater is EX_TEMPFAIL of sysexits.h: a mail server that pipes to us keeps
// the message, and tries again.
const exitLater exitCode = 75

func (a *app) bounceTakeCommand() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "take FILE|DIR|-",
		Short: "Take reports into the store, as from a mailbox; `-` is for a pipe from the mail server on this machine",
		Long: "Take reports into the store, as from a mailbox: each finds its copy, and what follows from it is done. A message counts once, however often it is taken. " +
			"The exit code is 75 where the store could not take it now: a mail server that pipes to `dateline bounce take -` then keeps the message and tries again.",
		Args: arguments(1, "a file, a folder or -"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				fmt.Fprintf(a.Err, "dateline: %v\n", err)
				return exitLater
			}
			defer func() { err = o.close(err) }()
			names, err := mailFiles(args[0])
			if err != nil {
				return err
			}
			intake := o.intake(slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelWarn})))
			taken := 0
			for _, name := range names {
				if err := takeFile(c.Context(), intake, name, press.Address(to), a.In); err != nil {
					fmt.Fprintf(a.Err, "dateline: %s: %v\n", name, err)
					return exitLater
				}
				taken++
			}
			if a.json {
				return a.printJSON(map[string]int{"taken": taken})
			}
			if args[0] != "-" {
				a.say(fmt.Sprintf("%d messages were taken; `dateline bounces` shows what they say.", taken))
			}
			return nil
		},
	}
	c.Flags().StringVar(&to, "to", "", "the envelope recipient, as the mail server knows it (Postfix: ${recipient})")
	return c
}

func takeFile(ctx context.Context, i *bounce.Intake, name string, to press.Address, in io.Reader) error {
	raw, err := readMail(name, in)
	if err != nil {
		return err
	}
	return i.Take(ctx, press.Mail{Mailbox: "pipe", Ref: filepath.Base(name), Format: press.FormatMessage, To: to, At: time.Now(), Raw: raw})
}
