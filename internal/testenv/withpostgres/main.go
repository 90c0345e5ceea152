// Command withpostgres runs a command with a private PostgreSQL server, whose
// URL stands in DATELINE_TEST_POSTGRES:
//
//	withpostgres go test ./...
//
// It ends with the command's status, and the server with it. Where the
// variable is set already, or the command fails to start, no server stays
// behind. SIGINT and SIGTERM reach the command; withpostgres waits for its end.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"dateline/internal/testenv"
)

func main() {
	status, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(status)
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New("no command is given; it looks like: withpostgres go test ./")
	}
	if os.Getenv(testenv.PostgresVariable) != "" {
		return runCommand(args, nil)
	}
	server, err := testenv.StartServer()
	if err != nil {
		return 1, err
	}
	status, err := runCommand(args, []string{testenv.PostgresVariable + "=" + server.URL()})
	if stopped := server.Stop(); stopped != nil {
		return max(status, 1), errors.Join(err, fmt.Errorf("ending the PostgreSQL server: %w", stopped))
	}
	return status, err
}

// runCommand runs the command to its end and gives its status.
func runCommand(args, extraEnv []string) (int, error) {
	// The terminal sends SIGINT to the command too, so it is only caught here.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()

	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Env = append(os.Environ(), extraEnv...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		// A command that a signal ended has status -1.
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
