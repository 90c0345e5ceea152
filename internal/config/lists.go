package config

import (
	"maps"
	"slices"
	"strings"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

const listsFile = "lists.yaml"

// listsDraft is lists.yaml while it is read.
type listsDraft struct {
	*Config
	filters []yamlfile.Node // beats that lists filter by
	ninjs   []yamlfile.Node
}

func listsKeys() []key[listsDraft] {
	return []key[listsDraft]{
		{"lists", "a map from a list's name to the list", required, "The saved audiences.", func(r *reader, n yamlfile.Node, c *listsDraft) {
			c.Lists = r.lists(n, &c.filters)
			for _, e := range n.Pairs() {
				c.ListsAt[e.Key.Text()] = r.placeOf(listsFile, e.Key)
			}
		}},
		{"beats", "a list of words", "any beat goes", "The team's beats. A filter, and an import, may then name no other.", func(r *reader, n yamlfile.Node, c *listsDraft) {
			c.Beats = list(r, n, "beats", (*reader).line)
		}},
		{"ninjs", "a list of lists", "", "Whose mails also carry the story as IPTC ninjs 3, for a newsroom's system: `SLUG.LANGUAGE.json`.", func(r *reader, n yamlfile.Node, c *listsDraft) {
			c.ninjs, c.Ninjs = n.List(), list(r, n, "lists", (*reader).line)
		}},
	}
}

// listDraft is a list while it is read: what it says of other lists is looked up
// once all are known.
type listDraft struct {
	press.List
	lists, except []yamlfile.Node
	beats         []yamlfile.Node
}

func listKeys() []key[listDraft] {
	return []key[listDraft]{
		{"all", "`true` or `false`", "`false`", "Everybody. No filter goes with it.", func(r *reader, n yamlfile.Node, l *listDraft) {
			set(&l.All, n, yesOrNo)
		}},
		{"countries", "a list of countries", "", "Contacts in one of these countries.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.Filter.Countries = list(r, n, "countries", (*reader).country)
		}},
		{"languages", "a list of languages", "", "Contacts who read one of these languages.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.Filter.Languages = list(r, n, "languages", (*reader).lang)
		}},
		{"beats", "a list of words", "", "Contacts with one of these beats.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.beats = n.List()
			l.Filter.Beats = list(r, n, "beats", (*reader).line)
		}},
		{"outlet_kinds", "a list of `wire`, `newspaper`, `tv`, `radio`, `online`, `freelance`", "", "Contacts at an outlet of one of these kinds.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.Filter.OutletKinds = list(r, n, "kinds of outlet", func(r *reader, n yamlfile.Node) (press.OutletKind, bool) {
				return oneOf(r, press.OutletKinds()...)(n)
			})
		}},
		{"tags", "a list of words", "", "Contacts with one of these tags.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.Filter.Tags = list(r, n, "tags", (*reader).line)
		}},
		{"agreement", "`true` or `false`", "", "Contacts at an outlet whose embargo agreement is in force on the day of the lift; or those at none.", func(r *reader, n yamlfile.Node, l *listDraft) {
			if yes, ok := yesOrNo(n); ok {
				l.Filter.Agreement = &yes
			}
		}},
		{"lists", "a list of lists", "", "Whoever is in one of these lists, too, whatever the filter says.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.lists = items(n, "lists")
		}},
		{"except", "a list of lists", "", "Whoever is in one of these lists is not in this one, whatever else says so.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.except = items(n, "lists")
		}},
		{"include", "a list of addresses", "", "Contacts with one of these addresses, whatever the filter says.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.Include = list(r, n, "addresses", (*reader).address)
		}},
		{"exclude", "a list of addresses", "", "Contacts with one of these addresses are not in the list, whatever else says so.", func(r *reader, n yamlfile.Node, l *listDraft) {
			l.Exclude = list(r, n, "addresses", (*reader).address)
		}},
	}
}

// listsFile reads lists.yaml; without one there are no lists. It answers
// whether the lists are known.
func (r *reader) listsFile(c *Config) bool {
	c.Lists, c.ListsAt = map[string]press.List{}, map[string]press.Fault{}
	if !r.exists(listsFile) {
		return true
	}
	n, _ := r.document(listsFile)
	draft := listsDraft{Config: c}
	found := decode(r, n, listsFile, listsKeys(), &draft) != nil
	for _, beat := range draft.filters {
		if len(c.Beats) > 0 && !slices.Contains(c.Beats, beat.Text()) {
			beat.Fault("`"+shown(beat.Text())+"` is no beat of the team's", DidYouMean(beat.Text(), c.Beats, "the beats are"))
		}
	}
	for _, n := range draft.ninjs {
		if _, known := c.Lists[n.Text()]; !known {
			n.Fault("there is no list `"+shown(n.Text())+"`", DidYouMean(n.Text(), slices.Collect(maps.Keys(c.Lists)), "the lists are"))
		}
	}
	return found
}

// lists reads all lists. A faulty one is kept, so that the sends that name it
// are not faulted for it as well.
func (r *reader) lists(n yamlfile.Node, beats *[]yamlfile.Node) map[string]press.List {
	drafts, keys := map[string]*listDraft{}, map[string]yamlfile.Node{}
	for _, e := range n.Pairs() {
		checkSlug(e.Key, e.Key.Text())
		l := &listDraft{List: press.List{Name: e.Key.Text()}}
		found := decode(r, e.Value, "the list", listKeys(), l)
		drafts[l.Name], keys[l.Name] = l, e.Key
		*beats = append(*beats, l.beats...)
		if found != nil {
			l.check(e.Key, found)
		}
	}
	resolver := listResolver{drafts: drafts, keys: keys, done: map[string]press.List{}, size: map[string]int{}}
	for _, name := range slices.Sorted(maps.Keys(drafts)) {
		resolver.resolve(name, nil)
	}
	return resolver.done
}

// check refuses a list that says everybody and more, or nobody.
func (l *listDraft) check(at yamlfile.Node, found map[string]yamlfile.Node) {
	var filter string
	for _, name := range []string{"countries", "languages", "beats", "outlet_kinds", "tags", "agreement"} {
		if _, ok := found[name]; ok && filter == "" {
			filter = name
		}
	}
	_, include := found["include"]
	_, lists := found["lists"]
	switch {
	case l.All && filter != "":
		found[filter].Fault("`all` and `"+filter+"` stand together", "everybody is wanted, or a filter")
	case filter == "" && !include && !lists && !l.All:
		at.Fault("the list `"+shown(at.Text())+"` picks nobody", "a filter such as `countries`, `lists`, an `include` or `all: true` is wanted")
	}
}

// listResolver puts into each list those that it names.
type listResolver struct {
	drafts map[string]*listDraft
	keys   map[string]yamlfile.Node
	done   map[string]press.List
	size   map[string]int // how many lists a list leads to, with itself
}

// maxLists bounds what a list leads to: each contact is held against all of it.
const maxLists = 1000

// resolve gives a list with the ones that it names. Within are the lists that
// lead to it: a list that leads to itself is refused where it says so.
func (x *listResolver) resolve(name string, within []string) press.List {
	if l, ok := x.done[name]; ok {
		return l
	}
	d := x.drafts[name]
	x.size[name] = 1
	within = append(within[:len(within):len(within)], name)
	of := func(nodes []yamlfile.Node) []press.List {
		var all []press.List
		for _, n := range nodes {
			other := n.Text()
			switch {
			case n.Kind() != yamlfile.Scalar || x.drafts[other] == nil:
				n.Fault("there is no list `"+shown(other)+"`", DidYouMean(other, slices.Collect(maps.Keys(x.drafts)), "the lists are"))
			case slices.Contains(within, other):
				n.Fault("the list `"+other+"` leads to itself: "+strings.Join(append(within, other), " > "), "lists that do not go in a circle are wanted")
			default:
				l := x.resolve(other, within)
				if x.size[name] += x.size[other]; x.size[name] > maxLists {
					n.Fault("the list leads to more than 1000 others", "lists that name fewer of each other are wanted")
					return all
				}
				all = append(all, l)
			}
		}
		return all
	}
	l := d.List
	l.Lists, l.Except = of(d.lists), of(d.except)
	x.done[name] = l
	return l
}
