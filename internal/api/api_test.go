package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"dateline/internal/access"
	"dateline/internal/api"
	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/testenv/newsroom"
)

// door lets in by made-up tokens: one each for a viewer, an operator whose token
// may only look, and an operator and approver.
type door struct{ trail []string }

func (*door) Token(_ context.Context, text string, _ time.Time) (access.Person, error) {
	switch text {
	case "viewer":
		return access.Person{ID: "1", Name: "Viewer", Roles: []access.Role{access.Viewer}, Via: "token"}, nil
	case "looking":
		return access.Person{ID: "2", Name: "Operator", Roles: []access.Role{access.Operator}, Scope: []access.Right{access.Look}, Via: "token"}, nil
	case "all":
		return access.Person{ID: "3", Name: "Gulnora", Roles: []access.Role{access.Operator, access.Approver}, Scope: access.Rights(), Via: "token"}, nil
	case "second":
		return access.Person{ID: "4", Name: "Olim", Roles: []access.Role{access.Approver}, Via: "token"}, nil
	case "too-often":
		return access.Person{}, access.Wait{For: 30 * time.Second}
	default:
		return access.Person{}, access.Denied{Why: "the token does not hold"}
	}
}

func (d *door) Act(_ context.Context, by access.Person, what, target, detail string, _ time.Time) error {
	d.trail = append(d.trail, strings.Join([]string{by.Name, what, target, detail}, "|"))
	return nil
}

// description is openapi.yaml, with every answer held against it.
type description struct {
	t        testing.TB
	paths    map[string]any
	compiler *jsonschema.Compiler
}

func describe(t testing.TB) *description {
	t.Helper()
	var doc map[string]any
	if err := yaml.Unmarshal(api.Description, &doc); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", read); err != nil {
		t.Fatal(err)
	}
	return &description{t, doc["paths"].(map[string]any), c}
}

func escaped(path string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(path) }

// holds holds an answer against the schema that a path has for it.
func (d *description) holds(method, path string, status int, body []byte) {
	d.t.Helper()
	where := "openapi.json#/components/schemas/Problem"
	if status < http.StatusBadRequest {
		where = fmt.Sprintf("openapi.json#/paths/%s/%s/responses/%d/content/application~1json/schema", escaped(path), strings.ToLower(method), status)
	}
	schema, err := d.compiler.Compile(where)
	if err != nil {
		d.t.Fatal(err)
	}
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		d.t.Fatalf("%s %s: %v: %s", method, path, err, body)
	}
	if err := schema.Validate(read); err != nil {
		d.t.Errorf("%s %s answers %d with what is not described: %v", method, path, status, err)
	}
}

// Every path that is answered is described, with its methods, and no other.
func TestTheDescriptionIsOfWhatIsAnswered(t *testing.T) {
	described := map[string]bool{}
	for path, ops := range describe(t).paths {
		for method := range ops.(map[string]any) {
			if method != "parameters" {
				described[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	answered := map[string]bool{}
	for _, e := range api.Endpoints() {
		answered[e] = true
	}
	if !maps.Equal(described, answered) {
		t.Errorf("described are %v\nanswered %v", slices.Sorted(maps.Keys(described)), slices.Sorted(maps.Keys(answered)))
	}
}

type client struct {
	t    *testing.T
	url  string
	d    *description
	door *door
	room *newsroom.Newsroom
}

func open(t *testing.T) *client {
	t.Helper()
	room, door := newsroom.Open(t, "../../config", "", 40, "en", "ru"), &door{}
	s := httptest.NewServer(api.Handler(api.Options{
		Store: room.Store, Door: door, Desk: func() *desk.Desk { return room.Desk }, Refresh: func(context.Context, string) {},
		Log: slog.New(slog.DiscardHandler), Now: room.Now,
	}))
	t.Cleanup(s.Close)
	return &client{t, s.URL + api.Prefix, describe(t), door, room}
}

// ask asks with a token, and holds the answer against its description.
func (c *client) ask(token, method, path, of, body string) (int, map[string]any) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = answer.Body.Close()
	c.d.holds(method, of, answer.StatusCode, raw)
	var v map[string]any
	_ = json.Unmarshal(raw, &v) // an array is told by its status alone
	return answer.StatusCode, v
}

// A release's whole way, asked for by a machine.
func TestTheWayOfARelease(t *testing.T) {
	c := open(t)
	release := "/releases/" + newsroom.Slug
	status, plan := c.ask("all", "GET", release+"/plan", "/releases/{slug}/plan", "")
	if status != http.StatusOK || plan["to_approve"] != true {
		t.Fatal(status, plan)
	}
	if status, v := c.ask("all", "POST", release+"/approve", "/releases/{slug}/approve", `{"digest":"`+strings.Repeat("0", 64)+`"}`); status != http.StatusConflict {
		t.Errorf("another digest: %d %v", status, v)
	}
	if status, v := c.ask("all", "POST", release+"/approve", "/releases/{slug}/approve", `{"digest":"`+plan["digest"].(string)+`"}`); status != http.StatusOK || v["by"] != "Gulnora" {
		t.Fatalf("approving: %d %v", status, v)
	}
	if status, v := c.ask("all", "POST", release+"/hold", "/releases/{slug}/hold", `{"why":"a name"}`); status != http.StatusOK || v["control"].(map[string]any)["held_by"] != "Gulnora" {
		t.Errorf("holding: %d %v", status, v)
	}
	if status, v := c.ask("all", "POST", release+"/resume", "/releases/{slug}/resume", ""); status != http.StatusOK || v["control"].(map[string]any)["held"] != nil {
		t.Errorf("resuming: %d %v", status, v)
	}
	c.room.Set(newsroom.Lift())
	copies := c.room.Sent(20, func(i int, _ press.Delivery) press.Outcome {
		return press.Outcome{State: []press.State{press.Accepted, press.Unknown}[i%2], Code: 250, Verb: "DATA"}
	})
	for path, of := range map[string]string{
		"/status": "", release + "/status": "/releases/{slug}/status", release + "/acts": "/releases/{slug}/acts", release + "/unknown": "/releases/{slug}/unknown",
		"/deliveries?state=unknown&limit=3": "/deliveries", "/deliveries/" + copies[0].ID.String(): "/deliveries/{id}",
	} {
		if of == "" {
			of = path
		}
		if status, v := c.ask("all", "GET", path, of, ""); status != http.StatusOK {
			t.Errorf("%s: %d %v", path, status, v)
		}
	}
	if status, v := c.ask("all", "POST", release+"/unknown", "/releases/{slug}/unknown", `{"as":"accepted","why":"they say so"}`); status != http.StatusOK || v["done"].(map[string]any)[newsroom.Slug] != 10.0 {
		t.Errorf("settling: %d %v", status, v)
	}
	if status, v := c.ask("all", "POST", release+"/kill", "/releases/{slug}/kill", `{"why":"withdrawn"}`); status != http.StatusOK || v["control"].(map[string]any)["killed"] != "withdrawn" {
		t.Errorf("killing: %d %v", status, v)
	}
	want := "Gulnora|approve|tashkent-2022|\nGulnora|hold|tashkent-2022|a name\nGulnora|resume|tashkent-2022|\nGulnora|unknown|tashkent-2022|they say so\nGulnora|kill|tashkent-2022|withdrawn"
	if got := strings.Join(c.door.trail, "\n"); got != want {
		t.Errorf("the trail is\n%s\nwant\n%s", got, want)
	}
}

// What cannot be done is told as a problem, and nothing is done.
func TestProblems(t *testing.T) {
	c := open(t)
	c.room.Approved()
	release := "/releases/" + newsroom.Slug
	for _, x := range []struct {
		token, method, path, body string
		status                    int
		says                      string
	}{
		{"", "GET", "/status", "", 401, "token is wanted"},
		{"dl_wrong", "GET", "/status", "", 401, "does not hold"},
		{"too-often", "GET", "/status", "", 429, "too many"},
		{"viewer", "POST", release + "/hold", `{"why":"x"}`, 403, "right to hold"},
		{"looking", "POST", release + "/kill", `{"why":"x"}`, 403, "right to steer"},
		{"viewer", "GET", "/deliveries", "", 403, "right to export"},
		{"all", "GET", "/releases/nowhere/status", "", 404, "nowhere"},
		{"all", "POST", "/releases/nowhere/hold", `{"why":"x"}`, 404, "nowhere"},
		{"all", "GET", "/nothing", "", 404, "openapi.yaml"},
		{"all", "DELETE", release + "/status", "", 405, "Only GET"},
		{"all", "POST", release + "/hold", `{"wy":"x"}`, 422, "wy"},
		{"all", "POST", release + "/hold", `{"why":"x"} more`, 422, "behind"},
		{"all", "POST", release + "/hold", `{"why":"` + strings.Repeat("x", 20<<10) + `"}`, 422, "too long"},
		{"all", "POST", release + "/approve", ``, 422, "digest"},
		{"all", "POST", release + "/unknown", `{"as":"gone","why":"x"}`, 422, "accepted, cancelled"},
		{"all", "GET", "/deliveries?state=lost&country=Uzbekland", "", 422, "understood"},
		{"all", "GET", "/deliveries/none", "", 404, "no such delivery"},
		{"all", "GET", "/deliveries/01a22030-6076-7512-9b6f-375c670373dc", "", 404, "no such delivery"},
	} {
		status, v := c.ask(x.token, x.method, x.path, "", x.body)
		detail, _ := v["detail"].(string)
		if status != x.status || !strings.Contains(detail, x.says) {
			t.Errorf("%s %s with %q: %d %v; want %d …%s…", x.method, x.path, x.token, status, v, x.status, x.says)
		}
	}
	if status, v := c.ask("all", "GET", "/deliveries?state=lost&country=Uzbekland", "", ""); status != 422 || len(v["wrong"].([]any)) != 2 {
		t.Errorf("not everything is told at once: %v", v)
	}
	states, err := c.room.Store.Releases(t.Context(), newsroom.Slug)
	if err != nil || states[0].Control != (press.Control{}) || len(c.door.trail) > 0 {
		t.Errorf("something was done: %+v %v %v", states, err, c.door.trail)
	}
}

// Where two must say yes, the first one is noted, and the second one approves.
func TestTwoMustSayYes(t *testing.T) {
	c := open(t)
	c.room.Desk.Config.Policies.Approvals = 2
	release := "/releases/" + newsroom.Slug
	_, plan := c.ask("all", "GET", release+"/plan", "/releases/{slug}/plan", "")
	yes := `{"digest":"` + plan["digest"].(string) + `"}`
	for range 2 { // of the same person it counts once
		if status, v := c.ask("all", "POST", release+"/approve", "/releases/{slug}/approve", yes); status != http.StatusAccepted || v["wanted"] != 2.0 || len(v["said_yes"].([]any)) != 1 {
			t.Fatalf("the first: %d %v", status, v)
		}
	}
	if status, v := c.ask("second", "POST", release+"/approve", "/releases/{slug}/approve", yes); status != http.StatusOK || v["by"] != "Olim" {
		t.Errorf("the second: %d %v", status, v)
	}
}
