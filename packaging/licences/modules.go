package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// module is one that a program is linked from.
type module struct {
	Path, Version string
	Released      time.Time
	Licences      []licence
}

// licence is one file in a module's folder that tells on which terms it may be
// used.
type licence struct{ Name, Text string }

// licenceFile is how such files are named: LICENSE, LICENSE-GO, COPYING, NOTICE.
var licenceFile = regexp.MustCompile(`^(?i:licen[cs]e|copying|copyright|notice|patents)([-.](?i:md|txt|3rd-party|3rd-party\.md|[a-z_-]+))?$`)

// linked gives the modules that packages need, in the order of their names, as
// they lie in the module cache.
func linked(ctx context.Context, args ...string) ([]module, error) {
	out, err := command(ctx, "go", append([]string{"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}}{{end}}{{end}}"}, args...)...)
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(out))
	slices.Sort(names)
	out, err = command(ctx, "go", append([]string{"mod", "download", "-json"}, slices.Compact(names)...)...)
	if err != nil {
		return nil, err
	}
	var modules []module
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var of struct{ Path, Version, Dir, Info string }
		if err := d.Decode(&of); errors.Is(err, io.EOF) {
			return modules, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading what go mod download says: %w", err)
		}
		m := module{Path: of.Path, Version: of.Version}
		if m.Released, err = released(of.Info); err != nil {
			return nil, fmt.Errorf("%s: %w", of.Path, err)
		}
		if m.Licences, err = licencesIn(of.Dir); err != nil {
			return nil, fmt.Errorf("%s: %w", of.Path, err)
		}
		modules = append(modules, m)
	}
}

// released is when a version was made, as the module cache notes it.
func released(info string) (time.Time, error) {
	text, err := os.ReadFile(info)
	if err != nil {
		return time.Time{}, err
	}
	var of struct{ Time time.Time }
	err = json.Unmarshal(text, &of)
	return of.Time, err
}

func licencesIn(dir string) ([]licence, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []licence
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) || filepath.Ext(e.Name()) == ".go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		found = append(found, licence{e.Name(), strings.TrimSpace(string(text))})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no licence: without one nobody may use it", dir)
	}
	return found, nil
}

func goLicence(ctx context.Context) (module, error) {
	root, err := command(ctx, "go", "env", "GOROOT")
	if err != nil {
		return module{}, err
	}
	found, err := licencesIn(strings.TrimSpace(string(root)))
	return module{Path: "Go", Version: runtime.Version(), Licences: found}, err
}

func command(ctx context.Context, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, name, args...)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, args[0], err, said.Bytes())
	}
	return out, nil
}
