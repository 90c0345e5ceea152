// Command licences writes the licence of each module that is linked into the
// program, and of Go itself, in full: most of them ask for that wherever a
// binary goes.
//
//	go run ./packaging/licences >THIRD-PARTY
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "licences: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, to io.Writer) error {
	modules, err := linked(ctx, "dateline/cmd/dateline")
	if err != nil {
		return err
	}
	goItself, err := goLicence(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	fmt.Fprintf(out, "Dateline holds the following modules of others.\n")
	for _, m := range append(modules, goItself) {
		for _, l := range m.Licences {
			fmt.Fprintf(out, "\n%s\n%s %s, %s\n\n%s\n", rule, m.Path, m.Version, l.Name, l.Text)
		}
	}
	return out.Flush()
}

const rule = "------------------------------------------------------------------------"
