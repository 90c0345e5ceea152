package parity

import (
	"net/url"
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
	t.links = append(t.links, mention{key: linkKey(target, t.Lang), shown: target, passage: t.passage, at: -1, start: at})
}

// linkKey is the same for a page in several languages: a part of the host, of
// the path or of the query that is the edition's language stands for any.
func linkKey(target string, lang press.Lang) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	base, _, _ := strings.Cut(strings.ToLower(string(lang)), "-")
	own := func(part string) string {
		switch strings.ToLower(part) {
		case base, strings.ToLower(string(lang)):
			return "*"
		}
		return part
	}
	host := strings.Split(strings.ToLower(u.Host), ".")
	if len(host) > 2 {
		host[0] = own(host[0])
	}
	path := strings.Split(strings.TrimRight(u.EscapedPath(), "/"), "/")
	for i := range path {
		path[i] = own(path[i])
	}
	key := strings.Join(host, ".") + strings.Join(path, "/") + u.Opaque
	if u.RawQuery != "" {
		query := strings.Split(u.RawQuery, "&")
		for i, q := range query {
			if name, value, ok := strings.Cut(q, "="); ok {
				query[i] = name + "=" + own(value)
			}
		}
		key += "?" + strings.Join(query, "&")
	}
	return key
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
