package config

import (
	"maps"
	"path"
	"slices"
	"strings"

	"dateline/internal/press"
)

// overrides lays the folder's own templates over those that ship.
func (r *reader) overrides(c *Config, shipped map[string]string) {
	c.Templates = maps.Clone(shipped)
	if c.Templates == nil {
		c.Templates = map[string]string{}
	}
	if r.exists("templates") {
		r.overrideFolder("", c.Templates, slices.Sorted(maps.Keys(shipped)))
	}
}

func (r *reader) overrideFolder(within string, into map[string]string, shipped []string) {
	for _, e := range r.list(path.Join("templates", within)) {
		rest := path.Join(within, e.Name())
		name := path.Join("templates", rest)
		folder, usable := r.isFolder(name, e)
		switch {
		case !usable:
		case folder && !e.IsDir():
			r.fileFault(name, "a link to a folder is not followed here", "put the folder itself here")
		case folder:
			r.overrideFolder(rest, into, shipped)
		case strings.HasPrefix(strings.ToLower(e.Name()), "readme"):
		case !slices.Contains(shipped, rest) && !isPhrases(rest):
			want := DidYouMean(rest, shipped, "templates that ship are wanted here, or phrases/LANGUAGE.yaml; what ships:")
			if want == "" {
				want = "a template that ships is wanted here, or phrases/LANGUAGE.yaml"
			}
			r.fileFault(name, rest+" lies over no template that ships", want)
		default:
			if _, text, ok := r.text(name); ok {
				into[rest] = text
			}
		}
	}
}

// isPhrases tells the phrase file of a language, by its canonical tag.
func isPhrases(name string) bool {
	tag, ok := strings.CutPrefix(strings.TrimSuffix(name, ".yaml"), "phrases/")
	if !ok || !strings.HasSuffix(name, ".yaml") {
		return false
	}
	lang, err := press.ParseLang(tag)
	return err == nil && string(lang) == tag
}
