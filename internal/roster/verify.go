package roster

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"dateline/internal/press"
)

// DomainStore is the contacts, with what was found of their mail domains.
type DomainStore interface {
	Contacts(ctx context.Context) iter.Seq2[press.Contact, error]
	Domains(ctx context.Context, since time.Time) (map[string]press.DomainMail, error)
	SaveDomains(ctx context.Context, found []press.DomainMail) error
}

// Lookup asks how a domain takes mail.
type Lookup func(ctx context.Context, domain string) (press.DomainMail, error)

// Verifying is what a person asks for.
type Verifying struct {
	Country  press.Country // "": all
	Since    time.Time     // what was found since then is not asked again
	Now      time.Time
	Lookup   Lookup
	Progress func(total, n int) // in domains; nil: nobody looks
}

// VerifiedDomain is a mail domain of contacts.
type VerifiedDomain struct {
	press.DomainMail
	Contacts  int                   `json:"contacts"`
	Countries map[press.Country]int `json:"countries"`
	Trouble   string                `json:"trouble,omitempty"` // why nothing could be learnt; it is asked again
}

// Verified is what became known of the contacts' addresses.
type Verified struct {
	Contacts int              `json:"contacts"`
	Domains  int              `json:"domains"`
	Asked    int              `json:"asked"` // of these, now
	Roles    int              `json:"roles"` // contacts whose address is a role's, not a person's
	Bad      []VerifiedDomain `json:"bad"`   // that take no mail, or of which nothing is known
}

// atOnce bounds the questions that are open at a time.
const atOnce = 16

// Verify asks DNS of every mail domain of the contacts, a bounded number at a
// time, and keeps the answers. It never speaks to a mail server.
func Verify(ctx context.Context, s DomainStore, v Verifying) (Verified, error) {
	out, domains, err := gatherDomains(ctx, s, v.Country)
	if err != nil {
		return out, err
	}
	known, err := s.Domains(ctx, v.Since)
	if err != nil {
		return out, err
	}
	var ask []string
	for _, name := range slices.Sorted(maps.Keys(domains)) {
		if found, ok := known[name]; ok {
			domains[name].DomainMail = found
		} else {
			ask = append(ask, name)
		}
	}
	out.Asked = len(ask)
	if err := lookUp(ctx, s, v, ask, domains); err != nil {
		return out, err
	}
	for _, d := range domains {
		if !d.Found.Takes() {
			out.Bad = append(out.Bad, *d)
		}
	}
	slices.SortFunc(out.Bad, func(a, b VerifiedDomain) int {
		return cmp.Or(b.Contacts-a.Contacts, strings.Compare(a.Domain, b.Domain))
	})
	return out, nil
}

// gatherDomains counts the contacts, of one country if it is named, by the
// domains of their addresses.
func gatherDomains(ctx context.Context, s DomainStore, country press.Country) (Verified, map[string]*VerifiedDomain, error) {
	var out Verified
	domains := map[string]*VerifiedDomain{}
	for c, err := range s.Contacts(ctx) {
		if err != nil {
			return out, nil, err
		}
		if country != "" && c.Country != country {
			continue
		}
		out.Contacts++
		if IsRole(c.Preferred()) {
			out.Roles++
		}
		for _, a := range c.Addresses {
			d := domains[a.Domain()]
			if d == nil {
				d = &VerifiedDomain{DomainMail: press.DomainMail{Domain: a.Domain()}, Countries: map[press.Country]int{}}
				domains[a.Domain()] = d
			}
			d.Contacts++
			d.Countries[c.Country]++
		}
	}
	out.Domains = len(domains)
	return out, domains, nil
}

// lookUp asks, and keeps what it learns now and then: an end by Ctrl-C loses
// little.
func lookUp(ctx context.Context, s DomainStore, v Verifying, ask []string, domains map[string]*VerifiedDomain) error {
	const keepEvery = 200
	for batch := range slices.Chunk(ask, keepEvery) {
		var mu sync.Mutex
		var found []press.DomainMail
		var all sync.WaitGroup
		slots := make(chan struct{}, atOnce)
		for _, name := range batch {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				got, err := v.Lookup(ctx, name)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					domains[name].Trouble = err.Error()
				} else {
					got.Checked = v.Now
					domains[name].DomainMail = got
					found = append(found, got)
				}
				if v.Progress != nil {
					v.Progress(len(ask), 1)
				}
			})
		}
		all.Wait()
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.SaveDomains(ctx, found); err != nil {
			return err
		}
	}
	return nil
}

// IsRole tells an address that belongs to a role or a desk, not to a person.
func IsRole(a press.Address) bool {
	local, _, _ := strings.Cut(strings.ToLower(a.Local()), "+")
	return slices.Contains([]string{
		"info", "press", "news", "newsroom", "newsdesk", "desk", "editor", "editors", "editorial", "redaktion", "redakcja", "redaksiya", "redaktsiya", "red", "media", "office", "contact",
		"mail", "post", "admin", "webmaster", "postmaster", "hostmaster", "abuse", "noreply", "no-reply", "secretariat", "presse", "prensa", "reception", "tips", "sales", "support", "help", "team",
	}, local)
}
