package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/config"
	"dateline/internal/press"
)

// relayPage shows the ways out and in, as each daemon sees them.
type relayPage struct {
	Now     time.Time
	Relays  []relayRow
	Routes  []config.Route
	Limits  map[string]config.Rate
	Daemons []press.DaemonState
}

// relayRow is a relay of the config, with how the daemons find it.
type relayRow struct {
	config.Relay
	Seen []seenRelay
}

// seenRelay is a relay as one daemon sees it.
type seenRelay struct {
	Host    string
	Trouble string
	Since   time.Time
}

func (c *Console) relays(w http.ResponseWriter, r *http.Request, by access.Person) error {
	seen, office := c.Board.Look(), c.Office()
	p := relayPage{Now: c.Now(), Routes: office.Config.Routes, Limits: office.Config.Policies.DomainLimits, Daemons: seen.Daemons}
	for _, relay := range office.Config.Relays {
		row := relayRow{Relay: relay}
		for _, d := range seen.Daemons {
			for _, s := range d.Relays {
				if s.Name == relay.Name {
					row.Seen = append(row.Seen, seenRelay{d.Host, s.Trouble, s.Since})
				}
			}
		}
		p.Relays = append(p.Relays, row)
	}
	c.show(w, r, by, http.StatusOK, "relays", "Relays", p)
	return nil
}

// configPage shows what runs, and what was refused.
type configPage struct {
	Dir      string
	Refused  []string // by this daemon
	Elsewhen []press.DaemonState
	Releases []configRelease
	Lists    int
	Senders  []configSender
	Policies []setting
}

type configRelease struct {
	Slug, Headline string
	Kind           press.ReleaseKind
	Editions       []press.Lang
	Stands         string
	Tone           press.Tone
}

type configSender struct {
	ID           string
	Organisation press.Text
	From         press.Address
	DKIM         []string
}

type setting struct{ Name, Value string }

func (c *Console) config(w http.ResponseWriter, r *http.Request, by access.Person) error {
	seen, office := c.Board.Look(), c.Office()
	conf := office.Config
	p := configPage{Dir: conf.Dir, Lists: len(conf.Lists)}
	if office.Refused != "" {
		p.Refused = strings.Split(office.Refused, "\n")
	}
	for _, d := range seen.Daemons {
		if d.Config != "" {
			p.Elsewhen = append(p.Elsewhen, d)
		}
	}
	for _, f := range conf.Releases {
		row := configRelease{Slug: f.Slug, Headline: headOf(f.Release).Headline, Kind: f.Kind, Stands: "not approved", Tone: press.Patience}
		for _, e := range f.Editions {
			row.Editions = append(row.Editions, e.Lang)
		}
		for _, s := range seen.Releases {
			if s.Approval.Release == f.Slug {
				row.Stands, row.Tone = standOf(s)
			}
		}
		p.Releases = append(p.Releases, row)
	}
	p.Senders, p.Policies = sendersOf(conf), policiesOf(conf.Policies)
	c.show(w, r, by, http.StatusOK, "config", "Config", p)
	return nil
}

func sendersOf(c *config.Config) []configSender {
	var all []configSender
	for _, id := range slices.Sorted(maps.Keys(c.Senders)) {
		s := c.Senders[id]
		one := configSender{ID: id, Organisation: s.Organisation, From: s.From}
		for _, k := range c.DKIM[id] {
			one.DKIM = append(one.DKIM, k.Selector+"._domainkey."+k.Domain)
		}
		all = append(all, one)
	}
	return all
}

// policiesOf are the choices that a team made, as dateline.yaml has them.
func policiesOf(p config.Policies) []setting {
	var waits []string
	for _, w := range p.Retry {
		waits = append(waits, w.String())
	}
	retention := "everything is kept"
	if !p.Retention.IsZero() {
		retention = "mails " + p.Retention.Mails.String() + ", ledger " + p.Retention.Ledger.String()
	}
	return []setting{
		{"on_drift", p.OnDrift},
		{"on_unknown", p.OnUnknown},
		{"prepare", p.Prepare.String()},
		{"late_after", p.LateAfter.String()},
		{"retry", strings.Join(waits, ", ")},
		{"prepare_memory", strconv.FormatInt(p.PrepareMemory>>20, 10) + " MiB"},
		{"bounces", fmt.Sprintf("suppressed after %d soft ones over %s; alarm at %.0f %%", p.Bounces.SoftCount, p.Bounces.SoftSpan, p.Bounces.AlarmShare*100)},
		{"retention", retention},
	}
}
