package remote

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The token goes over TLS, or stays on this machine.
func TestWhereATokenMayGo(t *testing.T) {
	for address, may := range map[string]bool{
		"https://press.example.org": true, "https://press.example.org/dateline/": true, "http://127.0.0.1:8025": true, "http://localhost:8025": true, "http://[::1]:8025": true,
		"http://press.example.org": false, "http://127.0.0.1.example.org": false, "press.example.org": false, "https://": false, "https://anna:word@press.example.org": false, "ftp://press.example.org": false, "https://press.example.org/?a=b": false,
	} {
		if _, err := New(address, "dl_x"); (err == nil) != may {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := New("https://press.example.org", " \n"); err == nil || !strings.Contains(err.Error(), "tokens add") {
		t.Errorf("no token: %v", err)
	}
}

// Every answer but a daemon's own is an error that says what it is; the token
// follows no redirect.
func TestAnswers(t *testing.T) {
	stolen := false
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen = true }))
	defer thief.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer dl_x" {
			t.Errorf("asked with %q", r.Header.Get("Authorization"))
		}
		say := func(status int, kind, text string) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text)) // the test sees what is missing
		}
		switch r.URL.Path {
		case "/api/v1/good":
			say(http.StatusOK, "application/json", `{"n": 7}`)
		case "/api/v1/problem":
			say(http.StatusUnprocessableEntity, "application/problem+json", `{"title":"x","status":422,"detail":"it cannot be understood","wrong":[{"word":"state","what":"none"}],"faults":[{"file":"a.yaml","line":3,"column":5,"what":"there is no b","want":"one is wanted"}]}`)
		case "/api/v1/other":
			say(http.StatusOK, "text/html", "<h1>It works!</h1>")
		case "/api/v1/broken":
			say(http.StatusOK, "application/json", `{"n":`)
		case "/api/v1/away":
			http.Redirect(w, r, thief.URL, http.StatusFound)
		default:
			panic(http.ErrAbortHandler)
		}
	}))
	defer s.Close()
	d, err := New(s.URL, "dl_x\n")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ N int }
	if err := d.Ask(t.Context(), http.MethodGet, "/good", nil, nil, &v); err != nil || v.N != 7 {
		t.Errorf("%+v, %v", v, err)
	}
	for path, says := range map[string][]string{
		"/problem": {"422", "cannot be understood", "state: none", "a.yaml:3:5", "one is wanted"}, "/other": {"no Dateline", "text/html"}, "/broken": {"reading the daemon's answer"}, "/away": {"no Dateline", "302"},
	} {
		err := d.Ask(t.Context(), http.MethodPost, path, nil, map[string]int{"n": 1}, &v)
		for _, part := range says {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v; want %q in it", path, err, part)
			}
		}
	}
	if err := d.Ask(t.Context(), http.MethodPost, "/lost", nil, map[string]int{}, &v); err == nil || !strings.Contains(err.Error(), "may have been done") {
		t.Errorf("a lost answer to an act: %v", err)
	}
	if err := d.Ask(t.Context(), http.MethodGet, "/lost", nil, nil, &v); err == nil || strings.Contains(err.Error(), "may have been done") {
		t.Errorf("a lost answer to a look: %v", err)
	}
	s.Close()
	if err := d.Ask(t.Context(), http.MethodPost, "/good", nil, map[string]int{}, &v); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("nobody there: %v", err)
	}
	if stolen {
		t.Error("the token went on to where an answer led")
	}
}
