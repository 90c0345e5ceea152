package plan

import (
	"testing"
	"time"

	"dateline/internal/press"
)

// TestDigestChanges: each of these shapes a byte or an instant of some copy,
// and so must void an approval.
func TestDigestChanges(t *testing.T) {
	contact := func(number byte, how func(*press.Contact)) func(Input) Input {
		return func(in Input) Input { return change(in, number, how) }
	}
	seen := map[string]string{make1(t, house()).Digest: "nothing"}
	for name, how := range map[string]func(Input) Input{
		"an address":             contact(2, func(c *press.Contact) { c.Addresses[0] = "azizbek@agentlik.example" }),
		"an address's capitals":  contact(2, func(c *press.Contact) { c.Addresses[0] = "aziz@agentlik.example" }),
		"which address is first": contact(2, func(c *press.Contact) { c.Addresses = append([]press.Address{"aziz@home.example"}, c.Addresses...) }),
		"an edition":             contact(2, func(c *press.Contact) { c.Languages[0] = "ru" }),
		"a name":                 contact(2, func(c *press.Contact) { c.Name = "Azizbek" }),
		"a zone":                 contact(2, func(c *press.Contact) { c.Zone = "Asia/Samarkand" }),
		"an outlet's name":       contact(9, func(c *press.Contact) { c.Outlets[0].Name = "Kaspiy" }),
		"a name that takes a letter from the outlet":  contact(9, func(c *press.Contact) { c.Name, c.Outlets[0].Name = "HeldK", "aspiy News" }),
		"an agreement that ends":                      contact(9, func(c *press.Contact) { c.Outlets[0].Agreement = press.Agreement{} }),
		"a recipient less":                            func(in Input) Input { in.Suppressed = only("gone@gazeta.example", "aziz@agentlik.example"); return in },
		"a recipient more":                            func(in Input) Input { in.Suppressed = only(); return in },
		"another recipient":                           contact(10, func(c *press.Contact) { c.Country = "US" }),
		"a language of who was skipped":               contact(7, func(c *press.Contact) { c.Languages = []press.Lang{"en"} }),
		"an instant":                                  func(in Input) Input { in.Release.Embargo.Lift.At = lift.Add(time.Microsecond); return in },
		"the lift's zone":                             func(in Input) Input { in.Release.Embargo.Lift.Zone = "Asia/Samarkand"; return in },
		"the advance send's instant":                  func(in Input) Input { in.Release.Sends[1].At.Before = time.Hour; return in },
		"a deadline":                                  func(in Input) Input { in.Release.Sends[0].LateAfter = time.Hour; return in },
		"a send's name":                               func(in Input) Input { in.Release.Sends[0].Name = "general-2"; return in },
		"a send's kind":                               func(in Input) Input { in.Release.Sends[0].Kind = press.FollowUp; return in },
		"the order of sends":                          func(in Input) Input { s := in.Release.Sends; s[0], s[1] = s[1], s[0]; return in },
		"the inputs":                                  func(in Input) Input { in.Inputs = "inputs2"; return in },
		"the renderer":                                func(in Input) Input { in.Renderer = "renderer2"; return in },
		"the zone database":                           func(in Input) Input { in.Zones = "zones2"; return in },
		"inputs that take a letter from the renderer": func(in Input) Input { in.Inputs, in.Renderer = "inputsr", "enderer"; return in },
		"the slug":                                    func(in Input) Input { in.Release.Slug = "water-2028"; return in },
		"release now":                                 func(in Input) Input { in.ReleaseNow = true; return in },
		"no embargo":                                  func(in Input) Input { in.Release.Embargo = press.Embargo{None: true}; return in },
		"an edition that is gone":                     func(in Input) Input { in.Release.Editions = in.Release.Editions[:2]; return in },
		"the fallbacks":                               func(in Input) Input { in.Fallbacks = nil; return in },
		"a country's zone":                            func(in Input) Input { in.CountryZones = map[press.Country]string{"UZ": "Asia/Tashkent"}; return in },
		"a list": func(in Input) Input {
			in.Lists["abroad"] = press.List{All: true, Exclude: []press.Address{"newsroom@tribune.example"}}
			return in
		},
	} {
		digest := make1(t, how(house())).Digest
		if before, ok := seen[digest]; ok {
			t.Errorf("%s gives the digest of %s", name, before)
		}
		seen[digest] = name
	}
}

// TestDigestStays: none of these reaches a copy, so none costs an approval.
func TestDigestStays(t *testing.T) {
	want := make1(t, house()).Digest
	for name, how := range map[string]func(Input) Input{
		"the hour of planning": func(in Input) Input { in.Now = in.Now.Add(time.Hour); return in },
		"a late hour":          func(in Input) Input { in.Now = lift.Add(-23 * time.Hour); return in },
		"a passed embargo":     func(in Input) Input { in.Now = lift.Add(time.Hour); return in },
		"a contact in no list": func(in Input) Input { return change(in, 10, func(c *press.Contact) { c.Name = "Farther" }) },
		"who was skipped":      func(in Input) Input { return change(in, 8, func(c *press.Contact) { c.Name = "Away" }) },
		"a beat, a tag, a source": func(in Input) Input {
			return change(in, 2, func(c *press.Contact) { c.Beats, c.Tags, c.Source = []string{"water"}, []string{"vip"}, "card" })
		},
		"a second address": func(in Input) Input {
			return change(in, 2, func(c *press.Contact) { c.Addresses = append(c.Addresses, "aziz@home.example") })
		},
		"a second language": func(in Input) Input {
			return change(in, 2, func(c *press.Contact) { c.Languages = append(c.Languages, "en") })
		},
		"why one was suppressed": func(in Input) Input {
			before := in.Suppressed
			in.Suppressed = func(a press.Address) (string, bool) { _, ok := before(a); return "complained", ok }
			return in
		},
		"the order of a send's lists": func(in Input) Input { l := in.Release.Sends[0].Lists; l[0], l[2] = l[2], l[0]; return in },
		"an instant's clock": func(in Input) Input {
			in.Release.Embargo.Lift.At = lift.In(time.FixedZone("elsewhere", 5*3600))
			return in
		},
	} {
		if got := make1(t, how(house())).Digest; got != want {
			t.Errorf("%s changes the digest", name)
		}
	}
}
