package ninjs

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"dateline/internal/press"
)

// uri names a story in the edition's language, for good: two releases never
// share a slug, and only the sender may make tags of its domain.
func (in Input) uri(created time.Time, slug string) (string, error) {
	domain, lang := in.Sender.From.Domain(), string(in.Edition.Lang)
	for _, part := range []struct{ what, s, more string }{
		{"slug", slug, "-@"}, {"language", lang, "-"}, {"domain of the sender's address", domain, "-."},
	} {
		if !plainName(part.s, part.more) {
			return "", fmt.Errorf("the %s, %q, makes no uri; letters of ASCII, digits and %q are wanted", part.what, part.s, part.more)
		}
	}
	return fmt.Sprintf("tag:%s,%04d:%s:%s", domain, created.UTC().Year(), slug, lang), nil
}

func plainName(s, more string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(more, r) {
			return false
		}
	}
	return s != ""
}

// link gives a web address in the letters that a URI may have (RFC 3986). A host
// beyond ASCII goes the way of a mail domain; a password is not handed on.
func link(what, s string) (string, error) {
	wrong := fmt.Errorf("%s, %q, is no web address; one such as https://example.org/page is wanted", what, s)
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return "", wrong
	}
	if !plainName(u.Hostname(), "-.:") {
		mail, err := press.ParseAddress("x@" + u.Hostname())
		if err != nil {
			return "", wrong
		}
		u.Host = strings.Replace(u.Host, u.Hostname(), mail.Domain(), 1)
	}
	out := u.Scheme + "://" + u.Host + escaped(u.EscapedPath())
	if u.RawQuery != "" {
		out += "?" + escaped(u.RawQuery)
	}
	if u.Fragment != "" {
		out += "#" + escaped(u.EscapedFragment())
	}
	return out, nil
}

// escaped puts what no path, query or fragment may have into percent escapes,
// and leaves the escapes that are there.
func escaped(part string) string {
	var b strings.Builder
	for i := range len(part) {
		c := part[i]
		_, err := url.PathUnescape(part[i:min(i+3, len(part))])
		if c == '%' && err != nil || c != '%' && !plainName(string(rune(c)), "-._~!$&'()*+,;=:@/?") {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
