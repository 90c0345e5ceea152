package packaging_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"dateline/internal/config"
	"dateline/templates"
)

// composeFile is what compose.yaml uses of Compose's format, and nothing else: a
// key that is not here is one that nobody has looked up.
type composeFile struct {
	Name     string             `yaml:"name"`
	Daemon   service            `yaml:"x-daemon"`
	Services map[string]service `yaml:"services"`
	Volumes  map[string]any     `yaml:"volumes"`
}

type service struct {
	Build       string            `yaml:"build"`
	Image       string            `yaml:"image"`
	Restart     string            `yaml:"restart"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
	Ports       []string          `yaml:"ports"`
	ReadOnly    bool              `yaml:"read_only"`
	Tmpfs       []string          `yaml:"tmpfs"`
	CapDrop     []string          `yaml:"cap_drop"`
	Security    []string          `yaml:"security_opt"`
	Grace       string            `yaml:"stop_grace_period"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck *struct {
		Test     []string `yaml:"test"`
		Interval string   `yaml:"interval"`
		Timeout  string   `yaml:"timeout"`
		Retries  int      `yaml:"retries"`
	} `yaml:"healthcheck"`
}

func compose(t *testing.T) composeFile {
	t.Helper()
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var f composeFile
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict(), yaml.DisallowUnknownField()); err != nil {
		t.Fatal(err)
	}
	return f
}

// Every name in the file leads to something that is there.
func TestComposeNamesWhatIsThere(t *testing.T) {
	f := compose(t)
	used := map[string]bool{}
	for name, s := range f.Services {
		if s.Image == "" || s.Restart == "" {
			t.Errorf("%s has no image, or is not started again", name)
		}
		for on, how := range s.DependsOn {
			other, there := f.Services[on]
			if !there || how.Condition == "service_healthy" && other.Healthcheck == nil {
				t.Errorf("%s waits for %s to be %s, which never happens", name, on, how.Condition)
			}
		}
		for _, v := range s.Volumes {
			source, target := mount(v)
			if strings.HasPrefix(source, ".") {
				if _, err := os.Stat(filepath.Join("..", source)); err != nil {
					t.Errorf("%s mounts %s: %v", name, source, err)
				}
				continue
			}
			used[source] = true
			if _, there := f.Volumes[source]; !there || !filepath.IsAbs(target) {
				t.Errorf("%s mounts %s, which is no volume, at %q", name, source, target)
			}
		}
		for _, p := range s.Ports {
			if !regexp.MustCompile(`^127\.0\.0\.1:[0-9]+:[0-9]+$`).MatchString(p) {
				t.Errorf("%s opens %s to more than this machine", name, p)
			}
		}
	}
	if len(used) != len(f.Volumes) {
		t.Errorf("volumes %v; used are %v", f.Volumes, used)
	}
}

// variable is one of Compose's, with the value that stands where it is not set.
var variable = regexp.MustCompile(`\$\{([A-Z_]+)(?::([-?])([^}]*))?\}`)

// mount splits a volume; a variable stands for its default.
func mount(v string) (source, target string) {
	parts := strings.Split(variable.ReplaceAllString(v, "$3"), ":")
	return parts[0], parts[1]
}

// There are two daemons, hardened, that share config and keys and nothing else.
func TestComposeRunsTwoDaemons(t *testing.T) {
	f := compose(t)
	var states []string
	for name, s := range f.Services {
		if s.Build == "" {
			continue
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.Security, "no-new-privileges:true") {
			t.Errorf("%s is not hardened: %+v", name, s)
		}
		if grace, err := time.ParseDuration(s.Grace); err != nil || grace < 11*time.Second {
			t.Errorf("%s is killed after %s; a stop may take ten seconds", name, s.Grace)
		}
		at := map[string]string{}
		for _, v := range s.Volumes {
			source, target := mount(v)
			at[target] = source
			if target == "/config" && !strings.HasSuffix(v, ":ro") {
				t.Errorf("%s could write to the config folder", name)
			}
		}
		states = append(states, at["/state"])
		if at["/config"] != "./packaging/compose/config" || at["/keys"] != "keys" || at["/state"] == "" {
			t.Errorf("%s mounts %v", name, at)
		}
	}
	if len(states) != 2 || states[0] == states[1] {
		t.Errorf("the daemons' states are in %v; two are wanted, each its own", states)
	}
}

// The config folder that it mounts is in order, and names the services, ports and
// variables that it has.
func TestComposeFitsItsConfig(t *testing.T) {
	f := compose(t)
	daemon := f.Services["daemon-a"]
	getenv := func(name string) (string, bool) {
		_, there := daemon.Environment[name]
		return "secret", there
	}
	ships := map[string]string{}
	names, err := templateNames()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := templates.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		ships[name] = string(text)
	}
	c, err := config.Load("compose/config", ships, getenv)
	if err != nil {
		t.Fatal(err)
	}
	db := f.Services["db"].Environment
	if want := "postgres://" + db["POSTGRES_USER"] + ":secret@db/" + db["POSTGRES_DB"] + "?sslmode=disable"; c.Store != want {
		t.Errorf("the store is at %s; it should be at %s", c.Store, want)
	}
	if daemon.Environment["DATELINE_DB_PASSWORD"] != db["POSTGRES_PASSWORD"] {
		t.Error("the daemons and the database have different passwords")
	}
	if c.State != "/state" || !strings.HasPrefix(c.Keys, "/keys/") {
		t.Errorf("state in %s, keys in %s", c.State, c.Keys)
	}
	for _, r := range c.Relays {
		if _, there := f.Services[r.Host]; !there || r.Port != 587 || r.TLS != "none" {
			t.Errorf("the relay is at %s:%d, with TLS %s", r.Host, r.Port, r.TLS)
		}
	}
	allowed := f.Services["relay"].Environment["ALLOWED_SENDER_DOMAINS"]
	for id, s := range c.Senders {
		if s.From.Domain() != allowed {
			t.Errorf("%s sends from %s; the relay takes mail from %s", id, s.From, allowed)
		}
	}
	host, port, _ := strings.Cut(f.Services["relay"].Environment["RELAYHOST"], ":")
	if _, there := f.Services[host]; !there || port != "1025" { // where Mailpit listens for mail
		t.Errorf("the relay hands on to %s:%s", host, port)
	}
	if got := c.Releases[0].Release.Embargo; !got.None {
		t.Errorf("the sample has an embargo that will pass: %v", got)
	}
}

func templateNames() ([]string, error) {
	var names []string
	for _, dir := range []string{".", "phrases"} {
		entries, err := templates.Files.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !e.IsDir() {
				names = append(names, filepath.ToSlash(filepath.Join(dir, e.Name())))
			}
		}
	}
	return names, nil
}

// What the file tells people to type is what the services are called.
func TestComposeSaysWhatToType(t *testing.T) {
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, lines := compose(t), 0
	for _, m := range regexp.MustCompile(`(?m)^#   docker compose exec (\S+) dateline (.*)$`).FindAllStringSubmatch(string(text), -1) {
		lines++
		if _, there := f.Services[m[1]]; !there {
			t.Errorf("there is no service %s", m[1])
		}
		called(t, m[2])
	}
	if lines < 3 {
		t.Errorf("%d command lines were found", lines)
	}
	if port := regexp.MustCompile(`http://localhost:([0-9]+)`).FindStringSubmatch(string(text)); port == nil {
		t.Error("nothing says where the mail is")
	} else if n, err := strconv.Atoi(port[1]); err != nil || f.Services["mailpit"].Ports[0] != "127.0.0.1:"+strconv.Itoa(n)+":8025" {
		t.Errorf("the mail is at %v; open is %v", port[1], f.Services["mailpit"].Ports)
	}
}
