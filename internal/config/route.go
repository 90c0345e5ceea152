package config

import (
	"slices"
	"strings"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// Route says which relays copies to some recipients go by. A recipient matches
// where each of Domains and Countries that is not empty has theirs.
type Route struct {
	Domains   []string        // as press.Address.Domain has them
	Countries []press.Country // of the contact
	Relays    []string
}

// Matches tells whether the route is a recipient's.
func (t Route) Matches(a press.Address, c press.Country) bool {
	return (len(t.Domains) == 0 || slices.Contains(t.Domains, a.Domain())) &&
		(len(t.Countries) == 0 || slices.Contains(t.Countries, c))
}

// RelaysFor names the relays that a recipient's copy may go by: those of the
// first route that is theirs, or else every relay that no route names, or all
// where the routes name every one.
func (c *Config) RelaysFor(a press.Address, country press.Country) []string {
	for _, t := range c.Routes {
		if t.Matches(a, country) {
			return t.Relays
		}
	}
	var all, free []string
	for _, relay := range c.Relays {
		all = append(all, relay.Name)
		if !slices.ContainsFunc(c.Routes, func(t Route) bool { return slices.Contains(t.Relays, relay.Name) }) {
			free = append(free, relay.Name)
		}
	}
	if len(free) == 0 {
		return all
	}
	return free
}

// routeDraft is a route while it is read.
type routeDraft struct {
	Route
	relayNodes []yamlfile.Node // where each relay is named
}

func routeKeys() []key[routeDraft] {
	return []key[routeDraft]{
		{"domains", "a list of mail domains", "", "Recipients at one of these domains; a domain below one of them is another.", func(r *reader, n yamlfile.Node, d *routeDraft) {
			d.Domains = list(r, n, "mail domains", (*reader).domain)
		}},
		{"countries", "a list of countries", "", "Contacts in one of these countries.", func(r *reader, n yamlfile.Node, d *routeDraft) {
			d.Countries = list(r, n, "countries", (*reader).country)
		}},
		{"relays", "a list of relays' names", required, "The relays that their copies go by, and no other.", func(r *reader, n yamlfile.Node, d *routeDraft) {
			d.Relays = list(r, n, "relays' names", (*reader).line)
			d.relayNodes = n.List()
		}},
	}
}

func (r *reader) routes(n yamlfile.Node) []routeDraft {
	var routes []routeDraft
	for _, item := range items(n, "routes") {
		var d routeDraft
		found := decode(r, item, "the route", routeKeys(), &d)
		if found == nil {
			continue
		}
		_, domains := found["domains"]
		if _, countries := found["countries"]; !domains && !countries {
			item.Fault("the route is for nobody in particular", "`domains`, `countries` or both are wanted")
		}
		routes = append(routes, d)
	}
	return routes
}

// checkRoutes holds the relays that routes name against those that there are.
func checkRoutes(routes []routeDraft, relays []Relay) []Route {
	var known []string
	for _, relay := range relays {
		known = append(known, relay.Name)
	}
	var checked []Route
	for _, t := range routes {
		for _, n := range t.relayNodes {
			name := strings.TrimSpace(n.Text())
			if !slices.Contains(t.Relays, name) || slices.Contains(known, name) {
				continue
			}
			want := DidYouMean(name, known, "the relays are")
			if want == "" {
				want = "dateline.yaml has no relay yet"
			}
			n.Fault("there is no relay `"+shown(name)+"`", want)
		}
		checked = append(checked, t.Route)
	}
	return checked
}
