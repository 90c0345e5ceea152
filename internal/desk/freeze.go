package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"dateline/internal/compose"
	"dateline/internal/config"
	"dateline/internal/locale"
	"dateline/internal/press"
)

// Check compiles and executes the templates of every release, so that what
// would fail at the lift fails now, and reads the phrases of every language: the
// pages behind the links in mail speak those that no release has, too. The
// config itself was checked by its reading.
func (d *Desk) Check() press.Faults {
	found := make([]press.Faults, len(d.Config.Releases))
	var releases sync.WaitGroup
	for i, f := range d.Config.Releases {
		releases.Go(func() { found[i] = compose.Check(d.frozen(trial(f))) })
	}
	releases.Wait()
	var faults press.Faults
	seen := map[string]bool{}
	for _, some := range append(found, d.checkPhrases()) {
		for _, fault := range some {
			fault.File = filepath.Join(d.Config.Dir, fault.File) // as the config's own faults name it
			if !seen[fault.Error()] {
				seen[fault.Error()] = true
				faults = append(faults, fault)
			}
		}
	}
	faults.Sort()
	return faults
}

// checkPhrases reads what each language says.
func (d *Desk) checkPhrases() press.Faults {
	var faults press.Faults
	for name, text := range d.Config.Templates {
		if strings.HasPrefix(name, "phrases/") {
			_, found := locale.ParseLanguage("templates/"+name, text)
			faults = append(faults, found...)
		}
	}
	return faults
}

// freeze gathers everything that the release's bytes depend on, with a probe
// rendering per edition; the kit that made them can compose the release.
func (d *Desk) freeze(f config.Folder) (press.Frozen, *compose.Kit, error) {
	return probed(d.frozen(f))
}

func probed(frozen press.Frozen) (press.Frozen, *compose.Kit, error) {
	slug := frozen.Release.Slug
	kit, err := compose.New(frozen)
	if err != nil {
		return press.Frozen{}, nil, fmt.Errorf("composing release %s: %w", slug, err)
	}
	frozen.Probes = make(map[press.Lang]string, len(frozen.Release.Editions))
	for _, e := range frozen.Release.Editions {
		if frozen.Probes[e.Lang], err = kit.Probe(e.Lang); err != nil {
			return press.Frozen{}, nil, fmt.Errorf("composing the %s edition of %s: %w", e.Lang, slug, err)
		}
	}
	return frozen, kit, nil
}

func (d *Desk) frozen(f config.Folder) press.Frozen {
	frozen := press.Frozen{
		Release:  f.Release,
		Sender:   d.Config.Senders[f.Sender],
		Files:    map[string]string{},
		Renderer: compose.Version,
		Zones:    locale.ZonesFingerprint(f.ZonesAt()),
	}
	for name, text := range d.Config.Templates {
		lang, isPhrases := strings.CutPrefix(name, "phrases/")
		lang = strings.TrimSuffix(lang, ".yaml")
		if _, used := f.Edition(press.Lang(lang)); used || !isPhrases {
			frozen.Files[name] = text
		}
	}
	frozen.Inputs = inputs(f, frozen)
	return frozen
}

// inputs is SHA-256 over the files that people wrote: the release's folder, the
// templates and phrases, and the sender's entry in dateline.yaml.
func inputs(f config.Folder, frozen press.Frozen) string {
	h := sha256.New()
	write := func(name string, content []byte) {
		fmt.Fprintf(h, "%d %s %d %s\n", len(name), name, len(content), content)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Sources)) {
		write("releases/"+f.Slug+"/"+name, f.Sources[name])
	}
	for _, name := range slices.Sorted(maps.Keys(frozen.Files)) {
		write("templates/"+name, []byte(frozen.Files[name]))
	}
	sender, err := json.Marshal(frozen.Sender)
	if err != nil {
		panic(err) // strings and maps of strings: always encodable
	}
	write("sender", sender)
	return hex.EncodeToString(h.Sum(nil))
}
