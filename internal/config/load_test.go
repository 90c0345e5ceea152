package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestLoadGood(t *testing.T) {
	files := good(t)
	dir := write(t, files)
	c, err := Load(dir, shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	parent := filepath.Dir(dir)
	releases := c.Releases
	c.Releases = nil
	for i, f := range releases {
		if line, column := f.Fronts["ru"].Map("headline", "event", "cities").Get("headline").Place(); line != 2 || column != 11 {
			t.Errorf("the headline in Russian stands at %d:%d, want 2:11", line, column)
		}
		releases[i].Fronts = nil
	}
	levels := press.DefaultLint()
	levels["quotes"] = press.LintOff
	want := &Config{
		Dir:   dir,
		Store: "postgres://press:p%40ss%2Fw%3Ard@db.example.org/dateline",
		State: filepath.Join(parent, "state"),
		Keys:  filepath.Join(parent, "state", "keys"),
		Relays: []Relay{
			{Name: "main", Protocol: "smtp", Host: "mail.example.org", Port: 587, TLS: "required", MinTLS: tls.VersionTLS12, Auth: "auto", Username: "dateline", Password: NewSecret("relay secret"), Connections: 4, Timeout: 30 * time.Second, DataTimeout: 10 * time.Minute, Weight: 1},
			{Name: "spare", Protocol: "smtp", Host: "127.0.0.1", Port: 2525, TLS: "none", MinTLS: tls.VersionTLS12, Auth: "auto", Connections: 8, Timeout: 10 * time.Second, DataTimeout: 10 * time.Minute, Hello: "press.example.org", Weight: 1},
		},
		Senders: map[string]press.Sender{"conference": {
			ID: "conference", Name: press.Text{"en": "Press desk", "ru": "Пресс-служба"},
			From: "press@conference.example", ReplyTo: "desk@conference.example", Bounces: "bounces@conference.example",
			ListID: "releases.conference.example", Organisation: press.Text{"": "Tashkent Conference"},
			Address: press.Text{"": "1 Amir Temur Street\nTashkent"}, Website: "https://conference.example",
		}},
		Lists: map[string]press.List{
			"central-asia": {Name: "central-asia", Filter: press.Filter{
				Countries: []press.Country{"KZ", "KG", "TJ", "TM", "UZ"}, Languages: []press.Lang{"ru"},
				OutletKinds: []press.OutletKind{press.Wire, press.TV},
			}, Exclude: []press.Address{"other@x.example"}},
			"wires":    {Name: "wires", Filter: press.Filter{OutletKinds: []press.OutletKind{press.Wire}}},
			"everyone": {Name: "everyone", All: true},
		},
		ListsAt: map[string]press.Fault{
			"central-asia": {File: filepath.Join(dir, "lists.yaml"), Line: 2, Column: 3},
			"wires":        {File: filepath.Join(dir, "lists.yaml"), Line: 7, Column: 3},
			"everyone":     {File: filepath.Join(dir, "lists.yaml"), Line: 9, Column: 3},
		},
		Fallbacks:     map[press.Lang][]press.Lang{"uz-Cyrl": {"uz-Latn", "ru", "en"}},
		CountryZones:  map[press.Country]string{"UZ": "Asia/Tashkent"},
		TestAddresses: []press.Address{"desk@conference.example"},
		Console:       Console{Listen: "127.0.0.1:8025", Idle: time.Hour, Longest: 12 * time.Hour, LiveLimit: 100},
		Policies: Policies{
			Approvals: 1,
			OnDrift:   "ignore", OnUnknown: "hold", Prepare: 2 * time.Minute, LateAfter: 2 * time.Hour,
			Retry: []time.Duration{time.Minute, 5 * time.Minute}, PrepareMemory: 256 << 20, Bounces: Bounces{BouncePolicy: press.DefaultBouncePolicy()},
		},
		Lint: levels, Watch: defaultWatch(),
		Templates: map[string]string{
			"base.html.tmpl": "html", "base.txt.tmpl": "{{.Headline}}\n", "phrases/en.yaml": "en", "phrases/ru.yaml": "ru",
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("Load gave\n%+v\nwant\n%+v", c, want)
	}
	if !reflect.DeepEqual(releases, []Folder{goodRelease(files)}) {
		t.Errorf("the releases are\n%+v\nwant\n%+v", releases, goodRelease(files))
	}
}

func goodRelease(files map[string]string) Folder {
	const folder = "releases/tashkent-2022/"
	lift := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	return Folder{
		Release: press.Release{
			Slug: "tashkent-2022", Kind: press.News, Topic: "security", Sender: "conference",
			Event:    press.Occasion{From: press.Date{Year: 2022, Month: 3, Day: 3}, To: press.Date{Year: 2022, Month: 3, Day: 4}},
			Dateline: press.Dateline{Cities: []string{"Tashkent", "New York", "Vienna"}, Date: press.Date{Year: 2022, Month: 3, Day: 4}, Zone: "Asia/Tashkent"},
			Embargo:  press.Embargo{Lift: press.Moment{At: lift, Zone: "Asia/Tashkent"}},
			Editions: []press.Edition{
				{Lang: "en", Headline: "Five countries agree: one plan", Subject: "Five countries agree", Event: "Tashkent Conference", Cities: []string{"Tashkent", "New York", "Vienna"}, Body: "The conference ended on **Friday**.\n\nAll five states signed.\n", File: "en.md", BodyLine: 8},
				{Lang: "ru", Headline: "Пять стран договорились", Subject: "Пять стран договорились", Event: "Ташкентская конференция", Cities: []string{"Ташкент", "Нью-Йорк", "Вена"}, Body: "Конференция завершилась.\n", File: "ru.md", BodyLine: 6},
			},
			Sends: []press.Send{
				{Name: "advance", Kind: press.Advance, Lists: []string{"wires"}, At: press.Schedule{Before: 24 * time.Hour}, LateAfter: 12 * time.Hour},
				{Name: "general", Kind: press.General, Lists: []string{"central-asia", "everyone"}, LateAfter: 2 * time.Hour, Again: true},
			},
			MediaContacts: []press.MediaContact{{
				Name: press.Text{"en": "Anna Petrova", "ru": "Анна Петрова"}, Role: press.Text{"en": "Press officer", "ru": "Пресс-секретарь"},
				Email: "anna@conference.example", Phone: "+998 71 000 00 00",
			}},
			Website:    "https://conference.example/2022",
			Background: []press.Background{{Title: press.Text{"": "Declaration"}, URL: "https://conference.example/declaration.pdf"}},
		},
		Sources: map[string][]byte{
			"release.yaml": []byte(files[folder+"release.yaml"]),
			"en.md":        []byte(files[folder+"en.md"]),
			"ru.md":        []byte(files[folder+"ru.md"]),
		},
	}
}

// The line ends and the mark that Windows editors write change nothing.
func TestLoadWindowsText(t *testing.T) {
	plain, err := Load(write(t, good(t)), shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	files := good(t)
	for name, text := range files {
		files[name] = "\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n")
	}
	windows, err := Load(write(t, files), shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(plain.Releases[0].Release, windows.Releases[0].Release) || !reflect.DeepEqual(plain.Senders, windows.Senders) {
		t.Errorf("Windows text reads as\n%+v\nwant\n%+v", windows.Releases[0].Release, plain.Releases[0].Release)
	}
}

// The smallest folder has no lists and no release.
func TestLoadSmallest(t *testing.T) {
	files := good(t)
	for name := range files {
		if name != mainFile {
			delete(files, name)
		}
	}
	c, err := Load(write(t, files), nil, environment)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Releases) != 0 || len(c.Lists) != 0 || len(c.Templates) != 0 {
		t.Errorf("Load gave %+v", c)
	}
}

func TestLoadSample(t *testing.T) {
	c, err := Load("../../config", nil, environment)
	if err != nil {
		t.Fatalf("the sample that ships has faults:\n%v", err)
	}
	if f, ok := c.Folder("tashkent-2022"); !ok || len(f.Editions) != 8 {
		t.Errorf("the sample has the release tashkent-2022: %v, with %d editions; 8 are wanted", ok, len(f.Editions))
	}
	if !filepath.IsAbs(c.State) || !strings.HasPrefix(c.Store, "sqlite:///") {
		t.Errorf("state %s and store %s are not absolute", c.State, c.Store)
	}
}

func TestLoadNoFolder(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "file", "")
	for _, path := range []string{filepath.Join(dir, "nowhere"), filepath.Join(dir, "file")} {
		_, err := Load(path, nil, environment)
		var faults press.Faults
		if err == nil || errors.As(err, &faults) || !strings.Contains(err.Error(), path) {
			t.Errorf("Load(%s) gave %v; a plain error that names the path is wanted", path, err)
		}
	}
}

func TestStores(t *testing.T) {
	dir := write(t, good(t))
	for written, want := range map[string]string{
		"sqlite:x.db":                           "sqlite://" + dir + "/x.db",
		"sqlite:../state/d.db":                  "sqlite://" + filepath.Dir(dir) + "/state/d.db",
		"sqlite:///var/d.db":                    "sqlite:///var/d.db",
		"sqlite:/var/../d.db":                   "sqlite:///d.db",
		"postgres://u:${EMPTY}@h/d":             "postgres://u:@h/d",
		"postgres://u@h:5432/d?sslmode=disable": "postgres://u@h:5432/d?sslmode=disable",
		"postgres:///d?host=/run/postgresql":    "postgres:///d?host=/run/postgresql",
	} {
		files := good(t)
		put(t, dir, mainFile, strings.Replace(files[mainFile], "postgres://press:${PGPASSWORD}@db.example.org/dateline", written, 1))
		c, err := Load(dir, shipped(), environment)
		if err != nil {
			t.Errorf("store %s: %v", written, err)
		} else if c.Store != want {
			t.Errorf("store %s reads as %s; want %s", written, c.Store, want)
		}
	}
}

// The whole store may stand in one variable.
func TestStoreFromEnvironment(t *testing.T) {
	dir := write(t, good(t))
	put(t, dir, mainFile, strings.Replace(good(t)[mainFile], "postgres://press:${PGPASSWORD}@db.example.org/dateline", "${STORE}", 1))
	c, err := Load(dir, shipped(), func(name string) (string, bool) {
		if name == "STORE" {
			return "postgres://u:p%40@h/d", true
		}
		return environment(name)
	})
	if err != nil || c.Store != "postgres://u:p%40@h/d" {
		t.Errorf("Load gave %v, %v", c, err)
	}
}

func TestPasswordFile(t *testing.T) {
	dir := write(t, good(t))
	put(t, dir, "secret", "two words\r\n")
	put(t, dir, mainFile, strings.Replace(good(t)[mainFile], "password: ${RELAY_PASSWORD}", "password_file: secret", 1))
	c, err := Load(dir, shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Relays[0].Password.Reveal(); got != "two words" {
		t.Errorf("the password is %q", got)
	}
	if shown := fmt.Sprintf("%v %+v %#v", c.Relays, c.Relays, c.Relays); strings.Contains(shown, "two words") {
		t.Errorf("the password is shown: %s", shown)
	}
}

// A secret never appears in a fault, however it is miswritten.
func TestSecretsStayHidden(t *testing.T) {
	const secret = "hunter2x"
	for _, form := range []string{
		"%s", "!%s", "*%s", "&%s", "\"%s", "'%s", "[%s", "{%s: x}", "[%s]", "%%%s", "@%s", "`%s", "| %s", "> %s",
		"%s: x", "x: %s", "${%s", "${X}%s", "\"\\x%s\"", "%s\x01", "\u202e%s", "postgres://u:%s@h:x/d", "postgres://u:%s@[h/d", "sqlite://%s:x@y",
		"postgres://u:%s@h", "? %s", "- %s", "%s\n   more: x", "<<: %s", "!!int %s", "${RELAY_PASSWORD} %s",
	} {
		for _, field := range []string{"store: postgres://press:${PGPASSWORD}@db.example.org/dateline", "password: ${RELAY_PASSWORD}"} {
			name, _, _ := strings.Cut(field, ":")
			files := good(t)
			files[mainFile] = strings.Replace(files[mainFile], field, name+": "+fmt.Sprintf(form, secret), 1)
			got := strings.Join(faultLines(t, write(t, files)), "\n")
			if got == "" {
				t.Errorf("%s as %q has no fault", name, form)
			}
			if strings.Contains(got, secret) {
				t.Errorf("%s as %q shows the secret:\n%s", name, form, got)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	dir := write(t, good(t))
	outside := t.TempDir()
	put(t, outside, "kk.md", "---\n")
	put(t, outside, "release/release.yaml", "kind: release\n")
	for name, target := range map[string]string{
		"releases/tashkent-2022/kk.md":        filepath.Join(outside, "kk.md"),
		"releases/tashkent-2022/ky.md":        "../../../" + filepath.Base(outside) + "/nowhere.md",
		"releases/tashkent-2022/tg.md":        "nowhere.md",
		"releases/elsewhere":                  filepath.Join(outside, "release"),
		"templates/base.html.tmpl":            filepath.Join(outside, "kk.md"),
		"templates/round":                     "../templates",
		"templates/phrases":                   filepath.Join(outside, "release"),
		"releases/tashkent-2022/.#release.md": "somebody@host.1234",
	} {
		if err := os.Symlink(target, place(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"releases/elsewhere:1:1: the link leads out of the config folder; put the folder itself here",
		"releases/tashkent-2022/kk.md:1:1: the link leads out of the config folder; put the file itself here",
		"releases/tashkent-2022/ky.md:1:1: the link leads out of the config folder; put the file itself here",
		"releases/tashkent-2022/tg.md:1:1: the link leads to nothing",
		"templates/base.html.tmpl:1:1: the link leads out of the config folder; put the file itself here",
		"templates/phrases:1:1: the link leads out of the config folder; put the folder itself here",
		"templates/round:1:1: a link to a folder is not followed here; put the folder itself here",
	}
	if got := faultLines(t, dir); !slices.Equal(withoutWordings(got), want) {
		t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// withoutWordings leaves out that texts lack the languages of the new editions.
func withoutWordings(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.Contains(l, "has no text in") })
}

// A link that stays within the folder is as good as the file.
func TestLinkWithin(t *testing.T) {
	files := good(t)
	files["shared/ru.md"] = files["releases/tashkent-2022/ru.md"]
	delete(files, "releases/tashkent-2022/ru.md")
	dir := write(t, files)
	if err := os.Symlink("../../shared/ru.md", place(dir, "releases/tashkent-2022/ru.md")); err != nil {
		t.Fatal(err)
	}
	if got := faultLines(t, dir); len(got) > 0 {
		t.Errorf("faults:\n%s", strings.Join(got, "\n"))
	}
}

func TestLargeAndStrangeFiles(t *testing.T) {
	dir := write(t, good(t))
	put(t, dir, "releases/tashkent-2022/ru.md", strings.Repeat("я", maxFile/2+1))
	put(t, dir, listsFile, strings.Repeat("\x01", 100))
	if err := os.Remove(place(dir, "releases/tashkent-2022/en.md")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(place(dir, "releases/tashkent-2022/en.md"), 0o700); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range maxCharacters {
		want = append(want, fmt.Sprintf("lists.yaml:1:%d: the character U+0001 is not allowed: it is a control character; take it out", i+1))
	}
	want = append(want, "releases/tashkent-2022/en.md:1:1: it is no regular file; a text file is wanted",
		"releases/tashkent-2022/ru.md:1:1: the file is larger than 1 MiB; a text of at most 1 MiB is wanted")
	if got := faultLines(t, dir); !slices.Equal(got, want) {
		t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
