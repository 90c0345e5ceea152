package optout_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/optout"
	"dateline/internal/plan"
	"dateline/internal/press"
	"dateline/internal/store"
)

var (
	ring  = mustRing()
	start = time.Date(2027, 3, 4, 12, 0, 0, 0, time.UTC)
)

func mustRing() press.Keyring {
	key := []byte(strings.Repeat("k", 32))
	r, err := press.ParseKeyring(press.FormatKeyring(key, key))
	if err != nil {
		panic(err)
	}
	return r
}

// newsroom is a store, with what the people in it have said.
type newsroom struct {
	*store.Store
	ctx      context.Context
	service  *optout.Service
	out      map[string]bool // addresses whose owner wants nothing more, with all that the owner had or got since
	copies   []press.ID      // of releases that were approved
	releases int
	now      time.Time
}

func openNewsroom(t *rapid.T, dir string) *newsroom {
	s, err := store.Open(context.Background(), "sqlite://"+filepath.Join(dir, fmt.Sprintf("%s.db", store.NewID())))
	if err == nil {
		err = s.BindKeyring(context.Background(), ring)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &newsroom{Store: s, ctx: context.Background(), service: optout.New(s, ring), out: map[string]bool{}, now: start}
}

func (n *newsroom) must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func (n *newsroom) people(t *rapid.T) []press.Contact {
	var all []press.Contact
	for c, err := range n.Contacts(n.ctx) {
		n.must(t, err)
		all = append(all, c)
	}
	return all
}

// settle follows a person's word to every address that they have by now.
func (n *newsroom) settle(t *rapid.T) {
	for _, c := range n.people(t) {
		if slices.ContainsFunc(c.Addresses, func(a press.Address) bool { return n.out[a.Key()] }) {
			for _, a := range c.Addresses {
				n.out[a.Key()] = true
			}
		}
	}
}

// planned is the plan of a release to everybody.
func (n *newsroom) planned(t *rapid.T) plan.Plan {
	barred, err := n.Suppressions(n.ctx, "conference", "water")
	n.must(t, err)
	r := press.Release{
		Slug: "next", Kind: press.News, Sender: "conference", Topic: "water", Dateline: press.Dateline{Cities: []string{"Tashkent"}, Zone: "Asia/Tashkent"},
		Embargo: press.Embargo{None: true}, Editions: []press.Edition{{Lang: "en"}}, Sends: []press.Send{{Name: "general", Kind: press.General, Lists: []string{"all"}, LateAfter: time.Hour}},
	}
	p, err := plan.Make(plan.Input{
		Release: r, Now: n.now, Lists: map[string]press.List{"all": {Name: "all", All: true}}, Contacts: n.Contacts(n.ctx),
		Suppressed: func(a press.Address) (string, bool) {
			why, ok := barred[ring.AddressKey(a)]
			return why, ok
		},
		Holds: func(string, press.Address) bool { return false },
	})
	n.must(t, err)
	return p
}

// send approves a release to those whom a plan reaches.
func (n *newsroom) send(t *rapid.T) {
	p := n.planned(t)
	var ds []press.Delivery
	for _, r := range p.Sends[0].Recipients {
		r.Due, r.Deadline = n.now, n.now.Add(time.Hour)
		ds = append(ds, press.Delivery{ID: store.NewID(), Send: "general", AddressKey: ring.AddressKey(r.Address), Recipient: r})
	}
	if len(ds) == 0 {
		return
	}
	n.releases++
	a := press.Approval{ID: store.NewID(), Release: fmt.Sprintf("release-%d", n.releases), Digest: "d", By: "Olim", At: n.now, Recipients: len(ds)}
	frozen := press.Frozen{Release: press.Release{Slug: a.Release, Topic: "water"}, Sender: press.Sender{ID: "conference"}}
	n.must(t, n.Stage(n.ctx, a, frozen))
	for i := range ds {
		ds[i].Approval, ds[i].Release = a.ID, a.Release
	}
	n.must(t, n.StageDeliveries(n.ctx, ds, a.At, nil))
	n.must(t, n.Approve(n.ctx, a, press.Release{Slug: a.Release, Sender: "conference", Topic: "water"}))
	claimed, err := n.Claim(n.ctx, press.ID{0xb}, n.now, n.now, len(ds))
	n.must(t, err)
	if len(claimed) != len(ds) {
		t.Fatalf("%d copies, of which %d may be sent", len(ds), len(claimed))
	}
	for _, d := range claimed {
		n.copies = append(n.copies, d.ID)
	}
}

var errNothing = errors.New("nothing to do")

// TestNobodyIsWrittenToAgainstTheirWord: no sequence of imports, merges,
// opt-outs, accepted new addresses and erasures ends with mail planned to
// somebody who opted out or was erased, at any address of theirs.
func TestNobodyIsWrittenToAgainstTheirWord(t *testing.T) {
	dir := t.TempDir()
	addresses := rapid.Map(rapid.IntRange(0, 11), func(i int) press.Address { return press.Address(fmt.Sprintf("reader%d@paper.example", i)) })
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		if runs++; runs%4 != 1 { // each has a store of its own, which takes its time
			return
		}
		n := openNewsroom(t, dir)
		defer func() { _ = n.Close() }() // a copy of its own is left
		copied := func(t *rapid.T) press.ID {
			if len(n.copies) == 0 {
				t.Skip(errNothing)
			}
			return rapid.SampledFrom(n.copies).Draw(t, "copy")
		}
		somebody := func(t *rapid.T, name string) press.Contact {
			all := n.people(t)
			if len(all) == 0 {
				t.Skip(errNothing)
			}
			return rapid.SampledFrom(all).Draw(t, name)
		}
		t.Repeat(map[string]func(*rapid.T){
			"import": func(t *rapid.T) {
				b := press.ImportBatch{Key: ring.AddressKey}
				for i := range rapid.IntRange(1, 3).Draw(t, "rows") {
					b.Rows = append(b.Rows, press.ImportRow{Line: i + 2, Contact: press.Contact{
						Name: "A Reader", Country: "UZ", Languages: []press.Lang{"en"}, Addresses: rapid.SliceOfNDistinct(addresses, 1, 3, rapid.ID).Draw(t, "addresses"),
					}})
				}
				_, _, err := n.ImportContacts(n.ctx, b, n.now)
				n.must(t, err)
			},
			"send": n.send,
			"opt out": func(t *rapid.T) {
				id := copied(t)
				c, ok, err := n.Copied(n.ctx, id)
				if n.must(t, err); !ok {
					t.Fatal("the copy is not in the ledger")
				}
				n.must(t, n.service.OptOut(n.ctx, ring.OptOutToken(id), rapid.SampledFrom([]optout.Choice{optout.Topic, optout.Sender, optout.Everything}).Draw(t, "choice"), n.now))
				n.said(t, c)
			},
			"erase": func(t *rapid.T) {
				id := copied(t)
				c, _, err := n.Copied(n.ctx, id)
				n.must(t, err)
				n.said(t, c)
				n.must(t, n.service.Erase(n.ctx, ring.OptOutToken(id), n.now))
			},
			"erase by the team": func(t *rapid.T) {
				c := somebody(t, "who")
				for _, a := range c.Addresses {
					n.out[a.Key()] = true
				}
				_, err := n.Erase(n.ctx, c.ID, nil, ring.AddressKey, "Olim", n.now)
				n.must(t, err)
			},
			"prefer": func(t *rapid.T) {
				c := somebody(t, "who")
				n.must(t, n.Prefer(n.ctx, c.ID, rapid.SampledFrom(c.Addresses).Draw(t, "address"), press.ByContact, n.now))
			},
			"merge": func(t *rapid.T) {
				a, b := somebody(t, "keep"), somebody(t, "gone")
				if a.ID == b.ID {
					t.Skip(errNothing)
				}
				_, err := n.Merge(n.ctx, a.ID, b.ID, ring.AddressKey, "Olim", n.now)
				n.must(t, err)
			},
			"ask for another address": func(t *rapid.T) {
				c := somebody(t, "who")
				n.must(t, n.Ask(n.ctx, c.ID, c.Preferred(), addresses.Draw(t, "wanted"), n.now))
				waiting, err := n.Proposals(n.ctx, false)
				n.must(t, err)
				for _, p := range waiting {
					_, _ = n.AcceptProposal(n.ctx, p.ID, ring.AddressKey, "Olim", n.now) // one that somebody else has is refused
				}
			},
			"": func(t *rapid.T) {
				n.now = n.now.Add(time.Minute)
				n.settle(t)
				for _, r := range n.planned(t).Sends[0].Recipients {
					if n.out[r.Address.Key()] {
						t.Fatalf("%s is in the plan, against %v", r.Address, slices.Sorted(maps.Keys(n.out)))
					}
				}
			},
		})
	})
}

// said notes whose word it was: of everybody who has the copy's address now, or
// had it.
func (n *newsroom) said(t *rapid.T, c press.Copied) {
	for _, p := range n.people(t) {
		if p.ID == c.Contact {
			for _, a := range p.Addresses {
				n.out[a.Key()] = true
			}
		}
	}
	if c.Address != "" {
		n.out[c.Address.Key()] = true
	}
	n.settle(t)
}
