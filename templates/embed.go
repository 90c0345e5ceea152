// Package templates holds the files that make a message out of a release: the
// letter's layout in HTML and in plain text, and under phrases/ what each
// language says in it. People read and edit these files; a config folder may
// put its own in their place.
package templates

import "embed"

// Files are the templates and phrases that ship, by their path in this folder.
//
//go:embed *.tmpl phrases/*.yaml
var Files embed.FS
