package config

import (
	"bytes"
	"strings"

	"dateline/internal/yamlfile"
)

// secret reads a variable's name and gives the variable's value. What stands
// there instead may be the secret, so no fault quotes it. key is how the secret
// is named, as in `password`; `password_file` is then the other way to it.
func (r *reader) secret(n yamlfile.Node, key string) Secret {
	written, ok := r.secretLine(n)
	if !ok {
		return Secret{}
	}
	what := inWords(key)
	if variable.FindString(written) != written {
		n.Fault("a "+what+" may not stand in the config folder", "`${VARIABLE}` alone, or `"+key+"_file`, is wanted")
		return Secret{}
	}
	value, unset := r.expand(written, asIs)
	switch {
	case len(unset) > 0:
		r.unset(n, unset)
	case value == "":
		n.Fault("the variable "+written+" is empty", "the "+what+" is wanted in it")
	case strings.ContainsAny(value, "\x00\r\n"):
		n.Fault("the variable "+written+" holds more than one line", "the "+what+" alone is wanted in it")
	}
	return NewSecret(value)
}

// secretFile reads the file that holds a secret.
func (r *reader) secretFile(n yamlfile.Node, key string) Secret {
	path := r.pathOf(n)
	if path == "" {
		return Secret{}
	}
	raw, why := outside(path)
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	switch {
	case why != "":
	case len(raw) == 0:
		why = "it is empty"
	case bytes.ContainsAny(raw, "\x00\r\n"):
		why = "it holds more than one line"
	}
	if why != "" {
		n.Fault("`"+key+"_file` cannot be used: "+why, "a file with the "+inWords(key)+" alone is wanted; a relative path is relative to the config folder")
		return Secret{}
	}
	return NewSecret(string(raw))
}

func inWords(key string) string { return strings.ReplaceAll(key, "_", " ") }

// unset notes variables of the environment that a value names.
func (r *reader) unset(n yamlfile.Node, names []string) {
	for _, name := range names {
		n.Fault("the variable "+name+" is not set", "set "+name+" in the environment")
	}
}
