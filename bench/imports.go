package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"dateline/internal/contactfile"
)

// importFigure is one import of a file into one store.
type importFigure struct {
	Store   string  `json:"store"`
	Rows    int     `json:"rows"`
	Again   bool    `json:"again"` // the same file a second time: nothing changes
	Seconds float64 `json:"seconds"`
	PeakMiB float64 `json:"peak_mib"`
}

// measureImports imports files of contacts with the real program, as a process
// of its own, into each store: new ones, and then the same once more.
func measureImports(ctx context.Context, out, progress io.Writer) (err error) {
	server, err := startPostgres(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	dir, err := os.MkdirTemp("", "dateline-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := filepath.Join(dir, "dateline")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/dateline")
	build.Stderr = progress
	if err := build.Run(); err != nil {
		return fmt.Errorf("building dateline: %w", err)
	}
	var all []importFigure
	for _, rows := range []int{100_000, 1_000_000} {
		file := filepath.Join(dir, fmt.Sprintf("%d.csv", rows))
		if err := writeContacts(file, rows); err != nil {
			return err
		}
		for _, store := range []string{"sqlite", "postgres"} {
			found, err := importBoth(ctx, server, program, dir, store, file, rows, progress)
			all = append(all, found...)
			if err != nil {
				return err
			}
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\n  %-10s %10s  %-9s %9s %12s %10s\n", "store", "rows", "", "seconds", "rows/s", "peak MiB")
	for _, f := range all {
		kind := "new"
		if f.Again {
			kind = "unchanged"
		}
		fmt.Fprintf(out, "  %-10s %10d  %-9s %9.1f %12.0f %10.0f\n", f.Store, f.Rows, kind, f.Seconds, float64(f.Rows)/f.Seconds, f.PeakMiB)
	}
	line, err := json.Marshal(all)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", line)
	return nil
}

func writeContacts(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(contactfile.WriteCSV(f, contactfile.Generate(n, seed)), f.Close())
}

// importBoth imports a file into a new store, twice.
func importBoth(ctx context.Context, server *postgres, program, dir, store, file string, rows int, progress io.Writer) ([]importFigure, error) {
	home, err := os.MkdirTemp(dir, store)
	if err != nil {
		return nil, err
	}
	url := "sqlite:dateline.db"
	if store == "postgres" {
		if url, _, err = server.database(ctx); err != nil {
			return nil, err
		}
	}
	text := fmt.Sprintf("store: %q\nstate: state\nrelays:\n  - {name: main, host: 127.0.0.1, port: 2525, tls: none}\nsenders:\n  desk: {name: Desk, from: desk@press.example, list_id: releases.press.example, organisation: Desk}\n", url)
	if err := os.WriteFile(filepath.Join(home, "dateline.yaml"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	return importInto(ctx, program, home, store, file, rows, progress)
}

// importInto imports a file into the store of a config folder, twice.
func importInto(ctx context.Context, program, home, store, file string, rows int, progress io.Writer) ([]importFigure, error) {
	var found []importFigure
	for _, again := range []bool{false, true} {
		c := exec.CommandContext(ctx, program, "--config", home, "contacts", "import", file)
		c.Stderr = progress
		began := time.Now()
		said, err := c.Output()
		if err != nil {
			return found, fmt.Errorf("importing %s: %w: %s", file, err, said)
		}
		f := importFigure{Store: store, Rows: rows, Again: again, Seconds: time.Since(began).Seconds()}
		if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
			f.PeakMiB = float64(usage.Maxrss) / 1024
		}
		fmt.Fprintf(progress, "%s, %d rows: %.1f s, %.0f MiB\n", store, rows, f.Seconds, f.PeakMiB)
		found = append(found, f)
	}
	return found, nil
}
