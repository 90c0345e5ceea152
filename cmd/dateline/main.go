// Command dateline sends press releases to journalists, at the embargo's lift
// and not before.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dateline/internal/cli"
)

// patience is how long a command that was told to end may take. The daemon bounds
// all that it waits for; what hangs all the same, in a system call or a driver,
// ends with the process, as in a crash.
const patience = 9500 * time.Millisecond

func main() {
	keepNoCore()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the process at once
		time.AfterFunc(patience, func() {
			fmt.Fprintln(os.Stderr, "dateline: it was told to end, hangs, and ends at once")
			os.Exit(1)
		})
	})
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.LookupEnv)
	os.Exit(code)
}
