package metrics

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"dateline/internal/press"
)

// rule is one of docs/operate/alerts.yaml.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.UnmarshalWithOptions(read(t, "alerts.yaml"), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) < 10 {
		t.Fatalf("there are %d groups, want one with rules", len(file.Groups))
	}
	return file.Groups[0].Rules
}

// panels are the expressions of docs/operate/grafana.json, by their panels.
func panels(t *testing.T) map[string][]string {
	t.Helper()
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(read(t, "grafana.json"), &board); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, p := range board.Panels {
		for _, x := range p.Targets {
			all[p.Title] = append(all[p.Title], x.Expr)
		}
	}
	return all
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../docs/operate/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// registered are the metrics that there are, with the labels of each.
func registered(t *testing.T) map[string][]string {
	t.Helper()
	m := New("v", (&shelf{came: []press.CameBack{{Kind: "bounced", Relay: "main", Domain: "d", N: 1}}}).asks())
	m.Outcome(press.Delivery{}, press.Outcome{State: press.Accepted})
	m.Aside("main", true)
	m.Clock("database", 0)
	m.Read("bounces", time.Now())
	m.Free("state folder", 1)
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, f := range families {
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		names := []string{f.GetName()}
		if f.GetMetric()[0].GetHistogram() != nil {
			names = []string{f.GetName() + "_bucket", f.GetName() + "_sum", f.GetName() + "_count"}
			labels = append(labels, "le")
		}
		for _, name := range names {
			found[name] = labels
		}
	}
	return found
}

var (
	metricName = regexp.MustCompile(`\b(?:dateline|go|process)_[a-z0-9_]+`)
	selector   = regexp.MustCompile(`\b((?:dateline|go|process)_[a-z0-9_]+)\{([^}]*)\}`)
	matcher    = regexp.MustCompile(`([a-z_]+)(?:=~|!~|!=|=)"`)
)

// check holds an expression against what is registered.
func check(t *testing.T, where, expr string, known map[string][]string) {
	t.Helper()
	if strings.Count(expr, "(") != strings.Count(expr, ")") || strings.Count(expr, "{") != strings.Count(expr, "}") {
		t.Errorf("%s: a bracket is left open in %s", where, expr)
	}
	for _, name := range metricName.FindAllString(expr, -1) {
		if _, is := known[name]; !is {
			t.Errorf("%s asks for %s, which does not exist", where, name)
		}
	}
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		for _, label := range matcher.FindAllStringSubmatch(m[2], -1) {
			if l := label[1]; l != "job" && l != "instance" && !slices.Contains(known[m[1]], l) {
				t.Errorf("%s asks for the label %s of %s, which has %v", where, l, m[1], known[m[1]])
			}
		}
	}
}

// What the rules and the dashboard ask for is there, and what is there of
// Dateline's own somebody looks at.
func TestRulesAndDashboardKnowTheMetrics(t *testing.T) {
	known := registered(t)
	asked := map[string]bool{}
	ask := func(where, expr string) {
		check(t, where, expr, known)
		for _, name := range metricName.FindAllString(expr, -1) {
			asked[strings.TrimSuffix(name, "_bucket")] = true
		}
	}
	for _, r := range rules(t) {
		ask("the rule "+r.Alert, r.Expr)
	}
	for title, exprs := range panels(t) {
		for _, expr := range exprs {
			ask("the panel "+title, expr)
		}
	}
	for name := range known {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(name, "dateline_") && !asked[base] {
			t.Errorf("neither a rule nor the dashboard looks at %s", base)
		}
	}
}

// A rule says what is wrong, how bad it is, and which part of the handbook has
// what to do; `for` is a span that Prometheus takes.
func TestRulesLeadToTheHandbook(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules(t) {
		if seen[r.Alert] || r.Annotations["summary"] == "" || !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) {
			t.Errorf("%s stands twice, or lacks a summary or a severity: %+v", r.Alert, r)
		}
		seen[r.Alert] = true
		if _, err := time.ParseDuration(r.For); r.For != "" && err != nil {
			t.Errorf("%s: %v", r.Alert, err)
		}
		file, anchor, _ := strings.Cut(r.Annotations["handbook"], "#")
		if file == "" || !slices.Contains(anchors(string(read(t, file))), anchor) {
			t.Errorf("%s leads to %s#%s, which is not there", r.Alert, file, anchor)
		}
	}
}

// anchors are a document's, as its headings make them.
func anchors(text string) []string {
	var found []string
	for line := range strings.SplitSeq(text, "\n") {
		if title, is := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); is && strings.HasPrefix(line, "#") {
			found = append(found, regexp.MustCompile(`[^a-z0-9-]`).ReplaceAllString(strings.ReplaceAll(strings.ToLower(title), " ", "-"), ""))
		}
	}
	return found
}
