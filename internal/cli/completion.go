package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dateline/internal/yamlfile"
)

// complete lets shells complete names out of the config folder: of releases and
// of lists, wherever a command's arguments or flags want one. The files are read
// and not checked: a key was pressed, and somebody waits.
func (a *app) complete(parent *cobra.Command) {
	for _, c := range parent.Commands() {
		a.complete(c)
		wanted := strings.Fields(c.Use)[1:]
		names := func(word string) bool {
			return slices.ContainsFunc(wanted, func(w string) bool { return strings.Trim(w, "[]") == word })
		}
		switch {
		case names("RELEASE"):
			c.ValidArgsFunction = first(a.releaseNames)
		case names("LIST"):
			c.ValidArgsFunction = first(a.listNames)
		case len(wanted) == 0:
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		if c.Flags().Lookup("release") != nil {
			// It fails only for a flag that is not there, or has one already.
			_ = c.RegisterFlagCompletionFunc("release", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return a.releaseNames(), cobra.ShellCompDirectiveNoFileComp
			})
		}
	}
}

// first completes the first argument by names, and no other.
func first(names func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(), cobra.ShellCompDirectiveNoFileComp
	}
}

// releaseNames are the folders that look like a release.
func (a *app) releaseNames() []string {
	found, err := filepath.Glob(filepath.Join(a.config, "releases", "*", "release.yaml"))
	if err != nil {
		return nil // the folder's own name is a pattern, and a bad one
	}
	var names []string
	for _, path := range found {
		names = append(names, filepath.Base(filepath.Dir(path)))
	}
	return names
}

// listNames are those that lists.yaml has, as far as it can be read.
func (a *app) listNames() []string {
	text, err := os.ReadFile(filepath.Join(a.config, "lists.yaml"))
	if err != nil {
		return nil // there are none
	}
	root, _ := yamlfile.Parse("lists.yaml", text)
	var names []string
	for _, file := range root.Pairs() {
		if file.Key.Text() != "lists" {
			continue
		}
		for _, list := range file.Value.Pairs() {
			names = append(names, list.Key.Text())
		}
	}
	return names
}
