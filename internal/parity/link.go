package parity

import (
	"net/url"
	"slices"
	"strings"

	"dateline/internal/press"
)

// link is a link of an edition as it is written.
type link struct {
	target string
	at     place
}

func (t *inliner) addLink(target string, mail bool, at int) {
	if mail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
		target = "mailto:" + target
	}
	t.urls = append(t.urls, link{target, t.body.place(at)})
	t.links = append(t.links, mention{key: linkKey(target, t.langs), shown: target, passage: t.passage, at: -1, start: at})
}

// linkKey is the same for a page in several languages: a part of the host, of
// the path or of the query that is the language of any edition does not count.
// That of another is allowed, too: not every site has every language.
func linkKey(target string, langs []string) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	isLang := func(part string) bool { return slices.Contains(langs, strings.ToLower(part)) }
	host := strings.Split(strings.ToLower(u.Host), ".")
	if len(host) > 2 && isLang(host[0]) {
		host = host[1:]
	}
	path := slices.DeleteFunc(strings.Split(strings.TrimRight(u.EscapedPath(), "/"), "/"), isLang)
	key := strings.Join(host, ".") + strings.Join(path, "/") + u.Opaque
	query := slices.DeleteFunc(strings.Split(u.RawQuery, "&"), func(q string) bool {
		_, value, ok := strings.Cut(q, "=")
		return !ok || isLang(value)
	})
	if len(query) > 0 {
		key += "?" + strings.Join(query, "&")
	}
	return key
}

// langsOf lists the languages of a release as links have them.
func langsOf(r press.Release) []string {
	var langs []string
	for _, e := range r.Editions {
		base, _, _ := strings.Cut(strings.ToLower(string(e.Lang)), "-")
		langs = append(langs, base, strings.ToLower(string(e.Lang)))
	}
	return langs
}

// checkLinks finds links that anybody on the way could change.
func (c *checker) checkLinks(e *edition) {
	for _, l := range e.urls {
		scheme, _, _ := strings.Cut(strings.ToLower(l.target), ":")
		switch scheme {
		case "https", "mailto", "tel":
			continue
		}
		want := "a link begins with https://, mailto: or tel:"
		if scheme == "http" {
			want = "https" + strings.TrimPrefix(strings.TrimPrefix(l.target, "http"), "HTTP") + " is wanted"
		}
		c.report("link-https", e, l.at, "the link to "+clip(l.target)+" is not https", want)
	}
}
