package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"dateline/internal/press"
)

// Streams are the process's input and outputs.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes.
const (
	exitDone      = 0
	exitFailed    = 1
	exitMisuse    = 2
	exitToApprove = 3
)

// app is one run of the program: its streams, and the flags that every command has.
type app struct {
	Streams
	getenv func(string) (string, bool)
	config string
	json   bool
}

// Run runs one command and gives the process's exit code.
func Run(ctx context.Context, args []string, s Streams, getenv func(string) (string, bool)) int {
	a := &app{Streams: s, getenv: getenv}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	return a.exit(root.ExecuteContext(ctx))
}

// Command is the whole command line, to be read by what makes pages of it.
func Command() *cobra.Command { return (&app{}).root() }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "dateline",
		Short:         "Sends press releases to journalists, at the embargo's lift and not before",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          arguments(0),
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringVar(&a.config, "config", "config", "the config folder")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON for machines")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return misuse{err, c.CommandPath()} })
	root.SetCompletionCommandGroupID("house")
	root.AddGroup(&cobra.Group{ID: "release", Title: "A release:"}, &cobra.Group{ID: "watch", Title: "Watching:"}, &cobra.Group{ID: "house", Title: "The house:"})
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("release", a.checkCommand(), a.previewCommand(), a.testCommand(), a.doctorCommand(), a.planCommand(), a.approveCommand(), a.rehearseCommand(),
		a.holdCommand(), a.resumeCommand(), a.killCommand(), a.noticeCommand())
	add("watch", a.statusCommand(), a.alarmsCommand(), a.logCommand(), a.deliveriesCommand(), a.bouncesCommand(), a.unknownCommand(), a.actsCommand(), a.receiptCommand(), a.auditCommand())
	add("house", a.initCommand(), a.serveCommand(), a.contactsCommand(), a.listsCommand(), a.outletsCommand(), a.suppressionsCommand(), a.bounceCommand(), a.retentionCommand(), a.backupCommand(), a.restoreCommand(), a.usersCommand(), a.tokensCommand(), a.migrateCommand(), a.healthcheckCommand(), a.demoCommand(), a.sinkCommand(), a.versionCommand())
	a.complete(root)
	_ = root.MarkPersistentFlagDirname("config") // it fails only for a flag that is not there
	return root
}

// misuse is a command that was not called as it must be.
type misuse struct {
	error
	command string
}

// exitCode ends the program with a code and nothing more to say.
type exitCode int

func (exitCode) Error() string { return "" }

func (a *app) exit(err error) int {
	var code exitCode
	var wrong misuse
	var faults press.Faults
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &wrong):
		fmt.Fprintf(a.Err, "dateline: %v\nSee '%s --help'.\n", wrong.error, wrong.command)
		return exitMisuse
	case errors.As(err, &faults):
		fmt.Fprintln(a.Err, faults.Error())
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.Err, "dateline: stopped")
	default:
		fmt.Fprintf(a.Err, "dateline: %v\n", err)
	}
	return exitFailed
}

// arguments wants so many of them, by these names.
func arguments(n int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) > n && n == 0 && c.HasAvailableSubCommands():
			return misuse{fmt.Errorf("there is no command %q", args[0]), c.CommandPath()}
		case len(args) > n:
			return misuse{fmt.Errorf("%s takes %d argument(s); %q is too many", c.CommandPath(), n, args[n]), c.CommandPath()}
		case len(args) < n:
			return misuse{fmt.Errorf("%s wants %s", c.CommandPath(), names[len(args)]), c.CommandPath()}
		}
		return nil
	}
}

// printJSON writes one value as one line.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.Out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
