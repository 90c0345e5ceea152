package config

import (
	"net/url"
	"regexp"
	"strings"
)

// variable is a name in braces behind a dollar sign, as the shell has it.
var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand puts variables of the environment into a text, each through escape,
// and names those that are not set.
func (r *reader) expand(text string, escape func(string) string) (value string, unset []string) {
	value = variable.ReplaceAllStringFunc(text, func(reference string) string {
		name := variable.FindStringSubmatch(reference)[1]
		v, ok := r.getenv(name)
		if !ok {
			unset = append(unset, name)
		}
		return escape(v)
	})
	return value, unset
}

// inURL escapes a secret so that it may stand anywhere in a URL.
func inURL(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func asIs(s string) string { return s }
