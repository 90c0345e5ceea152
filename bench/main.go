// Command bench measures Dateline as it runs: the real daemon as a process of
// its own, over SQLite and over a PostgreSQL that syncs to disk, against
// Postfix's smtp-sink, beside Postfix's smtp-source and go-mail's own send on
// the same machine in the same run. docs/performance.md tells what each row is.
//
//	bench         everything, in some twenty minutes
//	bench quick   the ratios, in less than a minute
//	bench bounces what is read of real bounces, and how fast
//	bench imports how long a million contacts take, and how much memory
//	bench console how long the delivery log takes to answer, over ten million deliveries
//	bench scale   a release to a million, in a house with ten million deliveries behind it
//
// Progress goes to standard error, the table and one last line of JSON to
// standard output. It promises that no figure fails a run: its exit code is 0
// however slow things were, and 1 where a message came early, twice or not at
// all, or where something could not be measured. What it starts ends with it.
//
// It needs Linux (/proc), Postfix's two programs and PostgreSQL's, which
// `make setup` installs. It fails where one of them is missing or does not
// start, where the daemon ends by itself or does not get done, and when it is
// interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, progress io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	others := map[string]func(context.Context, io.Writer, io.Writer) error{"bounces": measureBounces, "imports": measureImports}
	if len(args) > 0 && args[0] == "console" {
		sizes, err := archiveSizes(args[1:], progress)
		if err != nil {
			return 2
		}
		others["console"] = sizes.measure
		args = args[:1]
	}
	if len(args) > 0 && args[0] == "scale" {
		of, err := scaleOf(args[1:], progress)
		if err != nil {
			return 2
		}
		others["scale"] = of.measure
		args = args[:1]
	}
	if len(args) == 1 && others[args[0]] != nil {
		if err := others[args[0]](ctx, out, progress); err != nil {
			fmt.Fprintln(progress, "bench:", err)
			return 1
		}
		return 0
	}
	size, err := sizeOf(args)
	if err != nil {
		fmt.Fprintln(progress, "bench:", err)
		return 2
	}
	found, err := measure(ctx, size, progress)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(progress, "bench:", err)
		return 1
	}
	if err := found.print(out); err != nil {
		fmt.Fprintln(progress, "bench:", err)
		return 1
	}
	if len(found.wrong) > 0 {
		return 1
	}
	return 0
}

func sizeOf(args []string) (size, error) {
	switch {
	case len(args) == 0 || (len(args) == 1 && args[0] == "full"):
		return fullSize(), nil
	case len(args) == 1 && args[0] == "quick":
		return quickSize(), nil
	default:
		return size{}, errors.New("only the words `full`, which needs not be said, `quick`, `bounces`, `imports`, `console` and `scale` are known")
	}
}
