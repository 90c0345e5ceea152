package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"dateline/internal/press"
)

// judge adds the warnings and errors that only the whole shows.
func (m *maker) judge() {
	told := map[string]bool{}
	for i, s := range m.in.Release.Sends {
		for _, name := range s.Lists {
			if m.found[name] == 0 && !told[name] {
				told[name] = true
				m.fail("list %s resolves to no contact; import contacts or correct its filter in lists.yaml", name)
			}
		}
		m.judgeInstants(&m.plan.Sends[i])
		m.judgeTroubles(s)
		if len(m.plan.Sends[i].Recipients) == 0 && !m.holdingMet[s.Name] {
			switch {
			case m.troubles[s.Name].zoneless > 0: // told already
			case s.Kind == press.Advance:
				m.warn("send %s reaches nobody: no outlet in its lists has an embargo agreement on file", s.Name)
			case s.Kind == press.FollowUp && len(s.Lists) == 0:
				m.fail("send %s reaches nobody: nobody gets, or has, a copy of the send %s", s.Name, s.After)
			default:
				m.fail("send %s reaches nobody; see the skipped contacts", s.Name)
			}
		}
	}
	m.judgeLanguages()
	if m.zoneless > 0 {
		m.warn("%s: a copy there tells the embargo in the dateline's zone and UTC only; add a zone, or country_zones in dateline.yaml", contacts(m.zoneless, "has no known time zone", "have no known time zone"))
	}
}

// judgeLanguages tells who gets another language than their own. Where every one
// is required, that and an edition without a name behind it stop the plan.
func (m *maker) judgeLanguages() {
	for _, e := range m.in.Release.Editions {
		if m.in.Release.AllLanguages && e.SignedOffBy == "" {
			m.fail("the edition in %s is not signed off, and release.yaml has all_languages: required; signed_off_by in %s says who vouches for it", e.Lang, e.File)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(m.missing)) {
		if m.in.Release.AllLanguages {
			m.fail("%s an edition, and release.yaml has all_languages: required: %s", contacts(m.missing[pair], "lacks", "lack"), pair)
			continue
		}
		m.warn("%s: %s", contacts(m.missing[pair], "falls back", "fall back"), pair)
	}
}

func contacts(n int, one, many string) string {
	if n == 1 {
		return strings.TrimSpace("1 contact " + one)
	}
	return strings.TrimSpace(fmt.Sprintf("%d contacts %s", n, many))
}
