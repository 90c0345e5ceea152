package packaging_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// These tests look at what scripts/release has built, which runs them; the
// folder is in DATELINE_DIST. `make test` builds no release, and skips them.
func dist(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DATELINE_DIST")
	if dir == "" {
		t.Skip("DATELINE_DIST names no folder of a release: make release runs this test")
	}
	return dir
}

// one gives the one file that fits a pattern.
func one(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dist(t), pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: found %v (%v), want one file", pattern, found, err)
	}
	return found[0]
}

func TestReleasedSumsCoverEveryFile(t *testing.T) {
	dir := dist(t)
	text, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 9 || len(sums) != 8 {
		t.Errorf("%d files and %d sums; want eight files and their sums", len(entries), len(sums))
	}
	for _, e := range entries {
		if e.Name() == "SHA256SUMS" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); sums[e.Name()] != hex.EncodeToString(sum[:]) {
			t.Errorf("SHA256SUMS does not have the sum of %s", e.Name())
		}
	}
}

func TestReleasedProgramsAreStaticAndStamped(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		path := one(t, "dateline_*_linux_"+arch)
		isStatic(t, path, machine)
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]string{}
		for _, s := range info.Settings {
			set[s.Key] = s.Value
		}
		if set["CGO_ENABLED"] != "0" || set["-trimpath"] != "true" || len(set["vcs.revision"]) != 40 || set["vcs.time"] == "" || info.Main.Version == "" {
			t.Errorf("%s: version %q, settings %v", path, info.Main.Version, set)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if here, err := filepath.Abs(".."); err != nil || bytes.Contains(content, []byte(here)) {
			t.Errorf("%s names the folder it was built in (%v)", path, err)
		}
	}
}

func isStatic(t *testing.T, path string, machine elf.Machine) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Machine != machine {
		t.Errorf("%s is for %s", path, f.Machine)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("%s is not static: it has %s", path, p.Type)
		}
	}
}

func TestReleasedBillsNameEveryModule(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		text, err := os.ReadFile(one(t, "*_linux_"+arch+".sbom.json"))
		if err != nil {
			t.Fatal(err)
		}
		var bill struct {
			BOMFormat  string `json:"bomFormat"`
			Components []struct{ Name, Version string }
		}
		if err := json.Unmarshal(text, &bill); err != nil || bill.BOMFormat != "CycloneDX" {
			t.Fatalf("a bill of the format %q: %v", bill.BOMFormat, err)
		}
		listed := map[string]string{}
		for _, c := range bill.Components {
			listed[c.Name] = c.Version
		}
		info, err := buildinfo.ReadFile(one(t, "dateline_*_linux_"+arch))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range info.Deps {
			if listed[m.Path] != m.Version {
				t.Errorf("the bill has %s %q; linked is %s", m.Path, listed[m.Path], m.Version)
			}
		}
	}
}

// ofTheTree are the files that a release takes as they lie in the tree.
func ofTheTree() []string {
	return []string{"LICENSE", "README.md", "CHANGELOG.md", "docs/operate/README.md", "docs/security.md", "docs/pictures/mail.png"}
}

// What an archive is looked through for is there to be taken: `make test`, which
// builds no release, tells when it was moved.
func TestWhatAReleaseTakesIsThere(t *testing.T) {
	for _, name := range ofTheTree() {
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
}

func TestReleasedArchivesHoldWhatTheyShould(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		names := archived(t, one(t, "*_linux_"+arch+".tar.gz"))
		for _, want := range append(ofTheTree(), "dateline", "THIRD-PARTY",
			"systemd/dateline.service", "systemd/sysusers.conf", "systemd/tmpfiles.conf",
			"man1/dateline.1", "man1/dateline-plan.1", "completions/dateline.bash", "completions/dateline.zsh", "completions/dateline.fish",
		) {
			if !slices.Contains(names, want) {
				t.Errorf("the archive for %s lacks %s", arch, want)
			}
		}
	}
}

// archived gives the names below an archive's one folder.
func archived(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		folder, name, _ := strings.Cut(h.Name, "/")
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || folder+".tar.gz" != filepath.Base(path) {
			t.Errorf("%s: %s belongs to %d:%d %s", filepath.Base(path), h.Name, h.Uid, h.Gid, h.Uname)
		}
		names = append(names, strings.TrimSuffix(name, "/"))
	}
}

// The package is installed into an empty folder, upgraded, removed and purged by
// dpkg itself, and its scripts run.
func TestReleasedPackageIsInstalledAndPurged(t *testing.T) {
	arch, err := exec.Command("dpkg", "--print-architecture").Output()
	if err != nil {
		t.Fatalf("dpkg is wanted: %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("dpkg wants root to install, even into a folder")
	}
	deb := one(t, "dateline_*_"+strings.TrimSpace(string(arch))+".deb")
	root := emptySystem(t)
	dpkg := func(args ...string) string {
		t.Helper()
		c := exec.Command("dpkg", append([]string{"--root=" + root, "--force-script-chrootless", "--force-depends", "--log=/dev/null"}, args...)...)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("dpkg %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	dpkg("--install", deb)
	for name, want := range installed() {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want it as %s", name, info, err, want)
		}
	}
	passwd, err := os.ReadFile(filepath.Join(root, "etc", "passwd"))
	if err != nil || !regexp.MustCompile(`(?m)^dateline:.*:/var/lib/dateline:.*nologin$`).Match(passwd) {
		t.Errorf("the user is not there, or could sign in: %v\n%s", err, passwd)
	}
	if out, err := exec.Command(filepath.Join(root, "usr", "bin", "dateline"), "version", "--json").Output(); err != nil || !strings.Contains(string(out), `"commit":"`) {
		t.Errorf("the installed program: %v, %s", err, out)
	}
	for _, name := range []string{"etc/dateline/dateline.yaml", "var/lib/dateline/keys"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("ours\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dpkg("--install", deb) // as an upgrade
	said := dpkg("--purge", "dateline")
	if !strings.Contains(said, "/var/lib/dateline is left") {
		t.Errorf("the purge says nothing of what it leaves:\n%s", said)
	}
	if left := leftIn(t, root); !slices.Equal(left, []string{"etc/dateline/dateline.yaml", "var/lib/dateline/keys"}) {
		t.Errorf("the purge leaves %v, and should the team's own alone", left)
	}
}

// installed are files and folders that the package brings, with their modes.
func installed() map[string]fs.FileMode {
	return map[string]fs.FileMode{
		"usr/bin/dateline":                                  0o755,
		"usr/lib/systemd/system/dateline.service":           0o644,
		"usr/share/man/man1/dateline.1.gz":                  0o644,
		"usr/share/man/man1/dateline-contacts-import.1.gz":  0o644,
		"usr/share/bash-completion/completions/dateline":    0o644,
		"usr/share/zsh/vendor-completions/_dateline":        0o644,
		"usr/share/fish/vendor_completions.d/dateline.fish": 0o644,
		"usr/share/doc/dateline/copyright":                  0o644,
		"usr/share/doc/dateline/changelog.gz":               0o644,
		"usr/share/doc/dateline/changelog.Debian.gz":        0o644,
		"usr/share/doc/dateline/sbom.json.gz":               0o644,
		"usr/share/doc/dateline/examples/config/lists.yaml": 0o644,
		"etc/dateline":     0o750,
		"var/lib/dateline": 0o700,
	}
}

// emptySystem is a folder in which dpkg has installed nothing yet.
func emptySystem(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"etc", "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var", "lib", "dpkg", "status"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

// leftIn are the files in etc, usr and var/lib/dateline that are of the package.
func leftIn(t *testing.T, root string) []string {
	t.Helper()
	var left []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.Contains(path[len(root):], "dateline") {
			left = append(left, path[len(root)+1:])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(left)
	return left
}
