package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"dateline/internal/access"
)

//go:embed pages static
var files embed.FS

// parsePages reads each page with the frame around it.
func parsePages() (map[string]*template.Template, error) {
	frame, err := template.New("frame").Funcs(words()).ParseFS(files, "pages/frame.html.tmpl", "pages/parts.html.tmpl", "pages/list-parts.html.tmpl")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "pages/*.html.tmpl")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		short := strings.TrimSuffix(path.Base(name), ".html.tmpl")
		if short == "frame" || strings.HasSuffix(short, "parts") {
			continue
		}
		p, err := frame.Clone()
		if err == nil {
			p, err = p.ParseFS(files, name)
		}
		if err != nil {
			return nil, err
		}
		pages[short] = p
	}
	return pages, nil
}

// framed is what the frame sees; the page within sees Page.
type framed struct {
	Title  string
	Name   string // of the page's template
	Where  string // the path that the names above hold against their own
	By     access.Person
	At     time.Time
	Alarms int // what waits for a person
	Static string
	Said   string // what the last form did
	Page   any
}

// In tells whether somebody is signed in.
func (f framed) In() bool { return f.By.ID != "" }

// Nav are the names above each page.
func (f framed) Nav() []navItem {
	items := []navItem{
		{"Today", "/", ""},
		{"Calendar", "/calendar", ""},
		{"Releases", "/releases", ""},
		{"Deliveries", "/deliveries", ""},
		{"Contacts", "/contacts", ""},
		{"Outlets", "/outlets", ""},
		{"Lists", "/lists", ""},
		{"Suppressions", "/suppressions", ""},
		{"Bounces", "/bounces", ""},
		{"Relays", "/relays", ""},
		{"Config", "/config", ""},
	}
	if f.By.May(access.Manage) {
		items = append(items, navItem{"People", "/people", ""})
	}
	for i, n := range items {
		if f.Where == n.Path || n.Path != "/" && strings.HasPrefix(f.Where, n.Path+"/") {
			items[i].Current = "page"
		}
	}
	return items
}

type navItem struct{ Name, Path, Current string }

// show writes a page.
func (c *Console) show(w http.ResponseWriter, r *http.Request, by access.Person, status int, name, title string, page any) {
	var b bytes.Buffer
	f := framed{Title: title, Name: name, Where: r.URL.Path, By: by, At: c.Now(), Static: staticVersion(), Page: page}
	if f.In() {
		f.Alarms = len(c.Board.Look().Waiting)
		f.Said = c.Sessions.PopString(r.Context(), saidKey)
	}
	if err := c.pages[name].ExecuteTemplate(&b, "frame", f); err != nil {
		c.Log.Error("a page of the console could not be written", "page", name, "error", err)
		http.Error(w, "This page could not be written; the daemon's log says more.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever went away does not want it
}

// staticVersion is in the address of each file, so that browsers may keep them.
func staticVersion() string {
	h := sha256.New()
	for _, name := range []string{"console.css", "console.js", "htmx.min.js"} {
		text, err := files.ReadFile("static/" + name)
		if err != nil {
			continue // then it is missed where it is asked for
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

func serveStatic(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/") { // a folder would be listed
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFileFS(w, r, files, strings.TrimPrefix(r.URL.Path, "/"))
}
