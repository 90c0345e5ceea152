package config

import (
	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

const listsFile = "lists.yaml"

func listsKeys() []key[Config] {
	return []key[Config]{
		{"lists", "a map from a list's name to the list", required, "The saved audiences.", func(r *reader, n yamlfile.Node, c *Config) {
			c.Lists = r.lists(n)
		}},
		{"beats", "a list of words", "any beat goes", "The team's beats. A filter, and an import, may then name no other.", func(r *reader, n yamlfile.Node, c *Config) {
			c.Beats = list(r, n, "beats", (*reader).line)
		}},
	}
}

func listKeys() []key[press.List] {
	return []key[press.List]{
		{"all", "`true` or `false`", "`false`", "Everybody. No filter goes with it.", func(r *reader, n yamlfile.Node, l *press.List) {
			set(&l.All, n, yesOrNo)
		}},
		{"countries", "a list of countries", "", "Contacts in one of these countries.", func(r *reader, n yamlfile.Node, l *press.List) {
			l.Filter.Countries = list(r, n, "countries", (*reader).country)
		}},
		{"languages", "a list of languages", "", "Contacts who read one of these languages.", func(r *reader, n yamlfile.Node, l *press.List) {
			l.Filter.Languages = list(r, n, "languages", (*reader).lang)
		}},
		{"beats", "a list of words", "", "Contacts with one of these beats.", func(r *reader, n yamlfile.Node, l *press.List) {
			l.Filter.Beats = list(r, n, "beats", (*reader).line)
		}},
		{"outlet_kinds", "a list of `wire`, `newspaper`, `tv`, `radio`, `online`, `freelance`", "", "Contacts at an outlet of one of these kinds.", func(r *reader, n yamlfile.Node, l *press.List) {
			l.Filter.OutletKinds = list(r, n, "kinds of outlet", func(r *reader, n yamlfile.Node) (press.OutletKind, bool) {
				return oneOf(r, press.OutletKinds()...)(n)
			})
		}},
		{"tags", "a list of words", "", "Contacts with one of these tags.", func(r *reader, n yamlfile.Node, l *press.List) {
			l.Filter.Tags = list(r, n, "tags", (*reader).line)
		}},
		{"include", "a list of addresses", "", "Contacts with one of these addresses, whatever the filter says.", func(r *reader, n yamlfile.Node, l *press.List) {
			l.Include = list(r, n, "addresses", (*reader).address)
		}},
		{"exclude", "a list of addresses", "", "Contacts with one of these addresses are not in the list, whatever else says so.", func(r *reader, n yamlfile.Node, l *press.List) {
			l.Exclude = list(r, n, "addresses", (*reader).address)
		}},
	}
}

// listsFile reads lists.yaml; without one there are no lists. It answers
// whether the lists are known.
func (r *reader) listsFile(c *Config) bool {
	c.Lists = map[string]press.List{}
	if !r.exists(listsFile) {
		return true
	}
	n, _ := r.document(listsFile)
	return decode(r, n, listsFile, listsKeys(), c) != nil
}

// lists reads all lists. A faulty one is kept, so that the sends that name it
// are not faulted for it as well.
func (r *reader) lists(n yamlfile.Node) map[string]press.List {
	lists := map[string]press.List{}
	for _, e := range n.Pairs() {
		checkSlug(e.Key, e.Key.Text())
		l := press.List{Name: e.Key.Text()}
		found := decode(r, e.Value, "the list", listKeys(), &l)
		lists[e.Key.Text()] = l
		if found == nil {
			continue
		}
		var filter string
		for _, name := range []string{"countries", "languages", "beats", "outlet_kinds", "tags"} {
			if _, ok := found[name]; ok && filter == "" {
				filter = name
			}
		}
		_, include := found["include"]
		switch {
		case l.All && filter != "":
			found[filter].Fault("`all` and `"+filter+"` stand together", "everybody is wanted, or a filter")
		case filter == "" && !include && !l.All:
			e.Key.Fault("the list `"+shown(e.Key.Text())+"` picks nobody", "a filter such as `countries`, an `include` or `all: true` is wanted")
		}
	}
	return lists
}
