package config

import (
	"net/url"
	"path/filepath"
	"strings"

	"dateline/internal/yamlfile"
)

const storeForms = "sqlite:PATH or postgres://USER:${VARIABLE}@HOST/DATABASE is wanted"

// store reads the store's URL. It may hold a password, so no fault quotes it.
func (r *reader) store(n yamlfile.Node) string {
	written, ok := r.secretLine(n)
	if !ok {
		return ""
	}
	escape := asIs
	if isPostgres(written) {
		escape = inURL
	}
	value, unset := r.expand(written, escape)
	if len(unset) > 0 {
		r.unset(n, unset)
		return ""
	}
	value = strings.TrimSpace(value)
	switch {
	case isPostgres(value):
		if !goodPostgres(value) {
			n.Fault("`store` is no URL of a PostgreSQL database", "postgres://USER:${VARIABLE}@HOST/DATABASE is wanted, with special characters escaped as in any URL")
			return ""
		}
		return value
	case strings.HasPrefix(value, "sqlite:"):
		return r.sqlite(n, strings.TrimPrefix(value, "sqlite:"))
	}
	n.Fault("`store` names no store that is known", storeForms)
	return ""
}

func isPostgres(s string) bool {
	return strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://")
}

// goodPostgres checks what can be checked without dialling: the form, a host
// (or a socket's folder as the parameter `host`) and a database.
func goodPostgres(s string) bool {
	u, err := url.Parse(s)
	if err != nil || variable.MatchString(s) || len(u.Path) < 2 {
		return false
	}
	query, err := url.ParseQuery(u.RawQuery)
	return err == nil && (u.Hostname() != "" || query.Get("host") != "")
}

// sqlite gives sqlite:// and the absolute path, which is not escaped.
func (r *reader) sqlite(n yamlfile.Node, path string) string {
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		if !strings.HasPrefix(rest, "/") {
			n.Fault("`store` has a host where a file is meant", "sqlite:PATH, or sqlite:///PATH from the root, is wanted")
			return ""
		}
		path = rest
	}
	if path == "" || strings.HasSuffix(path, "/") || strings.HasPrefix(path, ":") || strings.ContainsAny(path, "?#") {
		n.Fault("`store` names no file", "a path without ? and # is wanted, such as sqlite:../state/dateline.db")
		return ""
	}
	return "sqlite://" + filepath.ToSlash(r.absolute(filepath.FromSlash(path)))
}
