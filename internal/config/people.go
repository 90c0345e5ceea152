package config

import "dateline/internal/yamlfile"

// Contacts is what the team wants of every contact.
type Contacts struct {
	Require []string // columns that no row of an import may leave empty
}

func contactsKeys() []key[Contacts] {
	return []key[Contacts]{
		{"require", "a list of columns", "", "Columns that no row of an import may leave empty, such as `[legal_basis, source]`. An import says where one is none.", func(r *reader, n yamlfile.Node, c *Contacts) {
			c.Require = list(r, n, "columns", (*reader).line)
		}},
	}
}
