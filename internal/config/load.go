package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// Load reads a config folder. The error is press.Faults, sorted by place, where
// anything in the folder is wrong, and a plain error where the folder itself
// cannot be read. shipped are the templates that a folder may lay its own over:
// path within templates/ -> text. getenv looks up the variables that `store`,
// `password` and `signing_key` may name.
func Load(dir string, shipped map[string]string, getenv func(string) (string, bool)) (*Config, error) {
	return readFolder(dir, getenv, func(r *reader) *Config { return r.load(shipped) })
}

// LoadStore reads where the store, the state folder and the keys are, and no
// more: for those who hold, kill or look on, and must not be stopped by an
// edition that somebody is just writing, or by a slip elsewhere in
// dateline.yaml. Its errors are those of Load, where one of the three is not
// known for sure.
func LoadStore(dir string, getenv func(string) (string, bool)) (*Config, error) {
	return readFolder(dir, getenv, func(r *reader) *Config {
		c := &Config{Dir: r.dir}
		if r.mainFile(c); c.Store != "" && c.State != "" && c.Keys != "" {
			r.faults, r.roots = nil, nil
		}
		return c
	})
}

func readFolder(dir string, getenv func(string) (string, bool), load func(*reader) *Config) (*Config, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot tell where the config folder %s lies: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot open the config folder %s: %w", dir, err)
	}
	defer root.Close() // only read from: nothing can be lost by closing
	if _, err := os.ReadDir(dir); err != nil {
		return nil, fmt.Errorf("cannot read the config folder %s: %w", dir, err)
	}
	r := &reader{dir: dir, abs: abs, root: root, getenv: getenv}
	c := load(r)
	if faults := r.all(); len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

func (r *reader) load(shipped map[string]string) *Config {
	c := &Config{Dir: r.dir}
	told, mainKnown := r.mainFile(c)
	listsKnown := r.listsFile(c)
	r.holidaysFile(c)
	r.strays()
	r.writableByOthers(c)
	r.overrides(c, shipped)
	var spoken map[string][]press.Lang
	c.Releases, spoken = r.releases(c, mainKnown, listsKnown)
	for _, id := range slices.Sorted(maps.Keys(told)) {
		r.checkWordings(told[id], spoken[id])
	}
	return c
}

// strays refuses what lies beside dateline.yaml and looks like a part of the
// config, but is none.
func (r *reader) strays() {
	files, folders := []string{mainFile, listsFile, holidaysFile}, []string{"releases", "templates", "contacts"}
	for _, e := range r.list(".") {
		name := e.Name()
		switch {
		case slices.Contains(files, name), slices.Contains(folders, name):
		case markup(name):
			want := "only " + strings.Join(files[:2], ", ") + " and " + files[2] + " are read here"
			if near, ok := nearest(stem(name)+".yaml", files); ok {
				want = "the file is named " + near
			}
			r.fileFault(name, name+" is not read", want)
		case e.IsDir():
			if near, ok := nearest(name, folders); ok {
				r.fileFault(name, "the folder "+name+" is not read", "the folder is named "+near)
			}
		}
	}
}

func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// releases reads all releases, by slug, and the languages in which each sender
// is to be named.
func (r *reader) releases(c *Config, mainKnown, listsKnown bool) ([]Folder, map[string][]press.Lang) {
	spoken := map[string][]press.Lang{}
	if !r.exists("releases") {
		return nil, spoken
	}
	var folders []Folder
	for _, e := range r.list("releases") {
		name := path.Join("releases", e.Name())
		folder, usable := r.isFolder(name, e)
		if !folder && markup(name) {
			r.fileFault(name, e.Name()+" is not read", "each release has a folder of its own here, with a release.yaml in it")
		}
		if !folder || !usable {
			continue
		}
		f := r.release(e.Name(), c, mainKnown, listsKnown)
		for _, edition := range f.Editions {
			if !slices.Contains(spoken[f.Sender], edition.Lang) {
				spoken[f.Sender] = append(spoken[f.Sender], edition.Lang)
			}
		}
		folders = append(folders, f)
	}
	for _, langs := range spoken {
		slices.Sort(langs)
	}
	checkAbout(folders)
	slices.SortFunc(folders, func(a, b Folder) int { return cmp.Compare(a.Slug, b.Slug) })
	return folders, spoken
}

// release reads one release's folder.
func (r *reader) release(slug string, c *Config, mainKnown, listsKnown bool) Folder {
	folder := path.Join("releases", slug)
	if err := press.CheckSlug(slug); err != nil {
		what, want := split(err)
		r.fileFault(folder, what, want)
	}
	f := Folder{Sources: map[string][]byte{}, Fronts: map[press.Lang]yamlfile.Node{}}
	draft, ok := r.releaseFile(folder, &f)
	draft.Slug = slug
	editions := r.editions(folder, &f)
	carried := r.carried(folder, &f)
	carried.release(&draft)
	for _, d := range editions {
		if ok {
			r.checkEdition(d, &draft)
		}
		carried.edition(&d, &draft)
		draft.Editions = append(draft.Editions, d.Edition)
		f.Fronts[d.Lang] = d.top
	}
	if ok {
		if len(editions) == 0 {
			r.fileFault(path.Join(folder, releaseFile), "the release has no edition", "at least one is wanted beside it, such as en.md")
		}
		if mainKnown {
			r.checkSender(draft, c.Senders)
		}
		r.checkSends(&draft, c.Lists, listsKnown, c.Policies.LateAfter)
		langs := make([]press.Lang, len(editions))
		for i, d := range editions {
			langs[i] = d.Lang
		}
		r.checkWordings(draft.told, langs)
	}
	draft.Files = carried.files
	f.Release, f.about = draft.Release, draft.found["about"]
	return f
}

// releaseFile reads release.yaml and answers whether it could be read.
func (r *reader) releaseFile(folder string, f *Folder) (draft releaseDraft, ok bool) {
	name := path.Join(folder, releaseFile)
	if !r.exists(name) {
		r.fileFault(name, "there is no such file", "every folder in releases has a release.yaml")
		return draft, false
	}
	raw, text, ok := r.text(name)
	if raw != nil {
		f.Sources[releaseFile] = raw
	}
	if !ok {
		return draft, false
	}
	n, ok := r.parse(name, text)
	if !ok {
		return draft, false
	}
	draft.found = decode(r, n, "the release", releaseKeys(), &draft)
	if draft.found != nil {
		draft.checkEmbargo(n)
		draft.checkAbout(n)
	}
	return draft, draft.found != nil
}

// editions reads a release's editions, by language, and refuses what looks
// like one but is none.
func (r *reader) editions(folder string, f *Folder) []editionDraft {
	var editions []editionDraft
	for _, e := range r.list(folder) {
		name := path.Join(folder, e.Name())
		if e.Name() == releaseFile || !markup(name) {
			continue
		}
		if ext := strings.ToLower(path.Ext(name)); ext == ".yaml" || ext == ".yml" {
			want := "only release.yaml and the editions are read here"
			if _, ok := nearest(stem(e.Name())+".yaml", []string{releaseFile}); ok {
				want = "the file is named release.yaml"
			}
			r.fileFault(name, e.Name()+" is not read", want)
			continue
		}
		lang, ok := r.editionLang(name)
		if !ok {
			continue
		}
		d, raw := r.edition(name, lang)
		if raw != nil {
			f.Sources[e.Name()] = raw
		}
		editions = append(editions, d)
	}
	return editions
}

func (r *reader) checkSender(d releaseDraft, senders map[string]press.Sender) {
	if _, known := senders[d.Sender]; known || d.Sender == "" {
		return
	}
	want := DidYouMean(d.Sender, slices.Collect(maps.Keys(senders)), "the senders are")
	if want == "" {
		want = "dateline.yaml has no sender yet"
	}
	d.found["sender"].Fault("there is no sender `"+shown(d.Sender)+"`", want)
}
