package config

import (
	"errors"
	"testing"
	"unicode/utf8"

	"dateline/internal/press"
)

// FuzzLoad reads any release.yaml with any edition: it never panics, every
// fault has a place and says what is wrong, and what it accepts is whole.
func FuzzLoad(f *testing.F) {
	files := good(f)
	const release, edition = "releases/tashkent-2022/release.yaml", "releases/tashkent-2022/en.md"
	f.Add(files[release], files[edition])
	f.Add("embargo: none\nsends: [{at: lift-1h}]\n", "---\nheadline: x\n---\n")
	f.Add("dateline: {cities: []}\n? [a]\n: b\n", "---\n---\n---\n")
	f.Add("\xff\x00", "---\r\nheadline: \"\\0\"\r\n---\r\n\u202e")
	f.Add("a: &a [*a]\n<<: {}\nkind: !!str x\n", "")
	delete(files, "releases/tashkent-2022/ru.md")
	dir := write(f, files)
	f.Fuzz(func(t *testing.T, releaseText, editionText string) {
		put(t, dir, release, releaseText)
		put(t, dir, edition, editionText)
		c, err := Load(dir, shipped(), environment)
		var faults press.Faults
		switch {
		case err == nil:
			r := c.Releases[0]
			if len(r.Editions) != 1 || r.Editions[0].Headline == "" || r.Editions[0].BodyLine < 4 || len(r.Sends) == 0 || r.Sender != "conference" {
				t.Errorf("an accepted release is not whole: %+v", r.Release)
			}
		case !errors.As(err, &faults):
			t.Errorf("Load gave %v, which is no press.Faults", err)
		}
		for _, fault := range faults {
			if fault.File == "" || fault.Line < 1 || fault.Column < 1 || fault.What == "" || !utf8.ValidString(fault.Error()) {
				t.Errorf("a fault has no place or no words: %+v", fault)
			}
		}
	})
}
