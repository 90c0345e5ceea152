package config

import (
	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// Contacts is what the team wants of every contact.
type Contacts struct {
	Require   []string               // columns that no row of an import may leave empty, by any of their names
	RequireAt map[string]press.Fault // the places at which they stand
}

func contactsKeys() []key[Contacts] {
	return []key[Contacts]{
		{"require", "a list of columns", "", "Columns that no row of an import may leave empty, such as `[legal_basis, source]`, by any name that an import knows without a mapping.", func(r *reader, n yamlfile.Node, c *Contacts) {
			c.RequireAt = map[string]press.Fault{}
			c.Require = list(r, n, "columns", func(r *reader, n yamlfile.Node) (string, bool) {
				s, ok := r.line(n)
				if ok {
					c.RequireAt[s] = r.placeOf(mainFile, n)
				}
				return s, ok
			})
		}},
	}
}
