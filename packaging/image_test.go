package packaging_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dateline/internal/cli"
)

// instruction is one of a Dockerfile.
type instruction struct {
	name, rest string
}

// stage is what stands between two FROMs.
type stage struct {
	from, name   string
	instructions []instruction
}

func dockerfile(t *testing.T) []stage {
	t.Helper()
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var stages []stage
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		if name == "FROM" {
			words := strings.Fields(rest)
			s := stage{from: words[0]}
			if len(words) == 3 && words[1] == "AS" {
				s.name = words[2]
			}
			stages = append(stages, s)
			continue
		}
		if len(stages) == 0 || !slices.Contains([]string{"WORKDIR", "COPY", "RUN", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}, name) {
			t.Fatalf("%q is an instruction that nobody has looked up", line)
		}
		last := &stages[len(stages)-1]
		last.instructions = append(last.instructions, instruction{name, strings.TrimSpace(rest)})
	}
	return stages
}

// value gives the last instruction of a name.
func (s stage) value(name string) string {
	last := ""
	for _, i := range s.instructions {
		if i.name == name {
			last = i.rest
		}
	}
	return last
}

func words(t *testing.T, array string) []string {
	t.Helper()
	var list []string
	if err := json.Unmarshal([]byte(array), &list); err != nil {
		t.Fatalf("%s is no list of words, and there is no shell in the image: %v", array, err)
	}
	return list
}

// called holds the arguments of a command line against the program.
func called(t *testing.T, line string) string {
	t.Helper()
	args := regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1)
	command, rest, err := cli.Command().Find(args)
	if err != nil {
		t.Errorf("dateline %s: %v", line, err)
		return ""
	}
	if err := command.ParseFlags(rest); err != nil {
		t.Errorf("dateline %s: %v", line, err)
		return ""
	}
	if err := command.ValidateArgs(command.Flags().Args()); err != nil {
		t.Errorf("dateline %s: %v", line, err)
	}
	return command.Name()
}

// The image runs the daemon as nobody, finds its config folder, and asks the
// program itself how it is.
func TestTheImageFitsTheProgram(t *testing.T) {
	stages := dockerfile(t)
	if len(stages) != 2 || !strings.HasPrefix(stages[1].from, "gcr.io/distroless/static") {
		t.Fatalf("the stages are %v; one to build and one without anything is wanted", stages)
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if wants := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module)); len(wants) != 2 || stages[0].from != "golang:"+wants[1] {
		t.Errorf("it is built in %s; go.mod wants %v", stages[0].from, wants)
	}
	last := stages[1]
	entry := words(t, last.value("ENTRYPOINT"))
	if name := called(t, strings.Join(words(t, last.value("CMD")), " ")); name != "serve" {
		t.Errorf("it runs %s", name)
	}
	_, check, _ := strings.Cut(last.value("HEALTHCHECK"), "CMD ")
	asked := words(t, check)
	if name := called(t, strings.Join(asked[1:], " ")); name != "healthcheck" || asked[0] != entry[0] {
		t.Errorf("its health is asked by %v", asked)
	}
	if config := cli.Command().PersistentFlags().Lookup("config").DefValue; filepath.Join(last.value("WORKDIR"), config) != "/config" {
		t.Errorf("in %s the program looks for %s, and not for /config", last.value("WORKDIR"), config)
	}
	if user := last.value("USER"); user != "65532:65532" {
		t.Errorf("it runs as %s", user)
	}
}

// TestReleasedImage runs the Dockerfile outside of an engine: each COPY and RUN of
// the first stage in a folder, and of the second each COPY. The program that would
// be in the image is the one that was released.
func TestReleasedImage(t *testing.T) {
	released := one(t, "dateline_*_linux_"+goArch(t))
	stages := dockerfile(t)
	build, image := t.TempDir(), t.TempDir()
	inside := func(s string) string { return regexp.MustCompile(`/(src|out)\b`).ReplaceAllString(s, build+"/$1") }
	dir := build
	for _, i := range stages[0].instructions {
		switch i.name {
		case "WORKDIR":
			dir = inside(i.rest)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		case "COPY":
			words := strings.Fields(i.rest)
			for _, from := range words[:len(words)-1] {
				copied(t, filepath.Join("..", from), filepath.Join(dir, words[len(words)-1]))
			}
		case "RUN":
			c := exec.Command("sh", "-c", inside(i.rest))
			c.Dir = dir
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("RUN %s: %v\n%s", i.rest, err, out)
			}
		}
	}
	for _, i := range stages[1].instructions {
		if i.name != "COPY" {
			continue
		}
		words := slices.DeleteFunc(strings.Fields(i.rest), func(w string) bool { return strings.HasPrefix(w, "--") })
		to := filepath.Join(image, words[1])
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(inside(words[0]), to); err != nil {
			t.Fatalf("COPY %s: %v", i.rest, err)
		}
	}
	for _, name := range []string{"config", "state", "keys"} {
		if info, err := os.Stat(filepath.Join(image, name)); err != nil || !info.IsDir() {
			t.Errorf("the image lacks /%s: %v", name, err)
		}
	}
	program := filepath.Join(image, words(t, stages[1].value("ENTRYPOINT"))[0])
	for _, path := range []string{program, released} {
		if out, err := exec.Command("cmp", program, path).CombinedOutput(); err != nil {
			t.Errorf("the image's program is not the released one: %s", out)
		}
	}
}

func goArch(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOHOSTARCH").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// copied copies a file, or all that a folder holds but for what .dockerignore
// names.
func copied(t *testing.T, from, to string) {
	t.Helper()
	ignored, err := os.ReadFile("../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(from)
	if err != nil {
		t.Fatal(err)
	}
	sources := []string{from}
	if info.IsDir() {
		entries, err := os.ReadDir(from)
		if err != nil {
			t.Fatal(err)
		}
		sources = nil
		for _, e := range entries {
			if !slices.Contains(strings.Fields(string(ignored)), e.Name()) {
				sources = append(sources, filepath.Join(from, e.Name()))
			}
		}
	}
	if out, err := exec.Command("cp", append([]string{"-a", "-t", to}, sources...)...).CombinedOutput(); err != nil {
		t.Fatalf("COPY %s %s: %v\n%s", from, to, err, out)
	}
}
