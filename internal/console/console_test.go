package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
)

// mixed is a lift in which not all went well.
func mixed(i int, _ press.Delivery) press.Outcome {
	switch {
	case i%23 == 7:
		return press.Outcome{State: press.Deferred, Code: 451, Enhanced: "4.7.1", Verb: "RCPT", Relay: "main", Text: "4.7.1 <script>alert(1)</script> greylisted, try later"}
	case i%29 == 9:
		return press.Outcome{State: press.Rejected, Code: 550, Enhanced: "5.1.1", Verb: "RCPT", Relay: "main", Text: "5.1.1 no such user"}
	case i == 40:
		return press.Outcome{State: press.Unknown, Verb: "DATA", Relay: "main", Text: "the connection was lost after the last byte"}
	default:
		return press.Outcome{State: press.Accepted, Code: 250, Enhanced: "2.0.0", Verb: "DATA", Relay: "main", Text: "2.0.0 queued as 4XyZ"}
	}
}

// The whole way of a release through the console: read, approved, held, resumed,
// looked at, killed, each under the name of the person who did it.
func TestTheWayOfARelease(t *testing.T) {
	h := newHouse(t)
	approver, operator := h.as(access.Approver), h.as(access.Operator)
	if status, page := approver.get("/"); status != http.StatusOK || !strings.Contains(page, "Not approved") || !strings.Contains(page, slug) {
		t.Fatalf("before: %d %s", status, page)
	}
	digest := approver.digest()
	status, page := approver.post("/releases/"+slug+"/approve", url.Values{"digest": {digest}, "slug": {"tashkent"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "Type the release") {
		t.Fatalf("another name: %d %s", status, page)
	}
	if status, page = approver.post("/releases/"+slug+"/approve", url.Values{"digest": {digest}, "slug": {slug}}); status != http.StatusOK || !strings.Contains(page, "Approver Karimova") {
		t.Fatalf("approving: %d %s", status, page)
	}
	for range 1000 { // on a busy machine it is still being written
		if states, err := h.store.Releases(t.Context(), slug); err == nil && len(states) == 1 {
			break
		}
		_, _ = approver.get("/releases/" + slug)
	}
	h.read()
	do := func(name string, form url.Values, says string) {
		t.Helper()
		form.Set("slug", slug)
		if status, page := operator.post("/releases/"+slug+"/"+name, form); status != http.StatusOK || !strings.Contains(page, says) {
			t.Fatalf("%s: %d %s", name, status, page)
		}
	}
	do("hold", url.Values{"why": {"a name is misspelt"}}, "a name is misspelt")
	do("resume", url.Values{}, "resume")
	h.setClock(lift)
	h.sent(120, mixed)
	do("unknown", url.Values{"as": {"accepted"}, "why": {"the wire says that it has it"}}, "1 copy was settled")
	do("kill", url.Values{"why": {"withdrawn by the host"}}, "withdrawn by the host")
	want := []string{
		"Approver Karimova|approve|" + slug + "|", "Operator Karimova|hold|" + slug + "|a name is misspelt", "Operator Karimova|resume|" + slug + "|",
		"Operator Karimova|unknown|" + slug + "|the wire says that it has it", "Operator Karimova|kill|" + slug + "|withdrawn by the host",
	}
	if got := strings.Join(h.trail(), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the trail is\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	states, err := h.store.Releases(t.Context(), slug)
	if err != nil || states[0].Control.KillBy != "Operator Karimova" || states[0].Approval.By != "Approver Karimova" {
		t.Errorf("the store has %+v, %v", states, err)
	}
}

// digest is that of the plan which the form to approve shows, once it is there.
func (v *visitor) digest() string {
	v.h.t.Helper()
	page := ""
	for range 100 {
		if _, page = v.get("/releases/" + slug + "/approve"); !strings.Contains(page, "being worked out") {
			break
		}
	}
	digest := between(page, `name="digest" value="`, `"`)
	if len(digest) != 64 {
		v.h.t.Fatalf("the form has the digest %q: %s", digest, page)
	}
	return digest
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// Nobody sees or does what they have no right to.
func TestRights(t *testing.T) {
	h := newHouse(t)
	h.approved()
	paths := []string{"/", "/releases", "/releases/" + slug, "/releases/" + slug + "/plan", "/releases/" + slug + "/hold", "/releases/" + slug + "/editions/ru", "/live", "/nowhere"}
	stranger := h.visitor()
	for _, path := range paths {
		if status, page := stranger.get(path); path != "/live" && (status != http.StatusOK || !strings.Contains(page, "<h1>Sign in</h1>")) || strings.Contains(page, "Karimova") || strings.Contains(page, "Declaration") {
			t.Errorf("a stranger at %s: %d %s", path, status, page)
		}
	}
	viewer := h.as(access.Viewer)
	if status, page := viewer.get("/releases/" + slug); status != http.StatusOK || strings.Contains(page, "/kill") || strings.Contains(page, "/hold") {
		t.Errorf("a viewer at the release: %d %s", status, page)
	}
	for _, name := range []string{"approve", "hold", "resume", "kill", "move", "unknown"} {
		if status, page := viewer.post("/releases/"+slug+"/"+name, url.Values{"slug": {slug}, "why": {"x"}}); status != http.StatusForbidden {
			t.Errorf("a viewer may %s: %d %s", name, status, page)
		}
	}
	if status, _ := h.as(access.Approver).post("/releases/"+slug+"/kill", url.Values{"slug": {slug}, "why": {"x"}}); status != http.StatusForbidden {
		t.Errorf("an approver may kill: %d", status)
	}
	if states, err := h.store.Releases(t.Context(), slug); err != nil || states[0].Control != (press.Control{}) {
		t.Errorf("something was done: %+v %v", states, err)
	}
}

// A form that another site has a browser send does nothing.
func TestCrossSite(t *testing.T) {
	h := newHouse(t)
	h.approved()
	v := h.as(access.Operator)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/releases/"+slug+"/kill", strings.NewReader(url.Values{"slug": {slug}, "why": {"x"}}.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://elsewhere.example")
	}
	if status, page := v.do(r, err); status != http.StatusForbidden || !strings.Contains(page, "another site") {
		t.Errorf("%d %s", status, page)
	}
	if states, err := h.store.Releases(t.Context(), slug); err != nil || states[0].Control.Killed != "" {
		t.Errorf("it was killed: %+v %v", states, err)
	}
}

// A session that ends while somebody is about to act: nothing is done, and they
// are led back.
func TestTheSessionEndsInTheMiddle(t *testing.T) {
	h := newHouse(t)
	h.approved()
	v := h.as(access.Operator)
	if err := h.door.SetDisabled(t.Context(), access.CommandLine("root"), "operator", true, h.clock()); err != nil {
		t.Fatal(err)
	}
	status, page := v.post("/releases/"+slug+"/hold", url.Values{"slug": {slug}, "why": {"x"}})
	if status != http.StatusOK || !strings.Contains(page, "nothing was done") || !strings.Contains(page, `value="/releases/`+slug+`/hold"`) {
		t.Errorf("%d %s", status, page)
	}
	if states, err := h.store.Releases(t.Context(), slug); err != nil || states[0].Control.Held != "" {
		t.Errorf("it was held: %+v %v", states, err)
	}
}

// After signing in nobody is led to another site.
func TestWhereSigningInLeads(t *testing.T) {
	h := newHouse(t)
	for _, to := range []string{"https://elsewhere.example/", "//elsewhere.example", `/\elsewhere.example`, "javascript:alert(1)", "", "x"} {
		v := h.visitor()
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		_, page := v.post("/sign-in", url.Values{"name": {"viewer"}, "password": {password("viewer")}, "to": {to}})
		if !strings.Contains(page, "Location: /\r\n") {
			t.Errorf("%q leads to %s", to, between(page, "Location: ", "\r\n"))
		}
	}
}

// Who watches is told at once, and past the limit politely not.
func TestWatching(t *testing.T) {
	h := newHouse(t)
	v := h.as(access.Viewer)
	watch := func() *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/live", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := v.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = answer.Body.Close() })
		return answer
	}
	var first *http.Response
	for range 3 {
		if first = watch(); first.StatusCode != http.StatusOK { //nolint:bodyclose // at the test's end
			t.Fatal(first.Status)
		}
	}
	if over := watch(); over.StatusCode != http.StatusServiceUnavailable || over.Header.Get("Retry-After") == "" { //nolint:bodyclose // at the test's end
		t.Errorf("past the limit: %s %v", over.Status, over.Header)
	}
	told := make(chan string, 8)
	go func() {
		buffer := make([]byte, 512)
		for {
			n, err := first.Body.Read(buffer)
			if err != nil {
				close(told)
				return
			}
			told <- string(buffer[:n])
		}
	}()
	next := func() string {
		select {
		case text := <-told:
			return text
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was told")
			return ""
		}
	}
	for !strings.Contains(next(), "event: board") {
	}
	h.approved()
	for !strings.Contains(next(), "event: board") { // a sign of life may come between
	}
}

// What was edited since the approval is told, line by line; what is sent stays.
func TestChanges(t *testing.T) {
	h := newHouse(t)
	h.approved()
	v := h.as(access.Viewer)
	if status, page := v.get("/releases/" + slug + "/changes"); status != http.StatusOK || !strings.Contains(page, "as it was approved") {
		t.Fatalf("nothing was changed: %d %s", status, page)
	}
	f := &h.desk.Config.Releases[0]
	f.Editions[0].Headline = "A headline <b>of another kind</b>"
	status, page := v.get("/releases/" + slug + "/changes")
	if status != http.StatusOK || !strings.Contains(page, "<ins>headline: A headline &lt;b&gt;of another kind&lt;/b&gt;</ins>") || !strings.Contains(page, "<del>headline: ") {
		t.Errorf("%d %s", status, page)
	}
}

// Addresses in bulk are for who may take lists away.
func TestAddressesAreNotForEverybody(t *testing.T) {
	h := newHouse(t)
	h.approved()
	h.setClock(lift)
	copies := h.sent(5, mixed)
	for role, sees := range map[access.Role]bool{access.Viewer: false, access.Approver: true} {
		status, page := h.as(role).get("/deliveries?state=accepted&release=" + slug)
		if status != http.StatusOK || strings.Contains(page, string(copies[0].Address)) != sees || !strings.Contains(page, copies[0].ID.String()) {
			t.Errorf("%s: %d, %v", role, status, page)
		}
		status, _ = h.as(role).get("/deliveries.csv?release=" + slug)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[sees]; status != want {
			t.Errorf("%s takes a list away: %d, want %d", role, status, want)
		}
	}
}
