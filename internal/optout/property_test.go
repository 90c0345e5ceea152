package optout_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
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
	out      map[string]scopes // what the owner of an address does not want, with all addresses that the owner had or got since
	blocked  map[string]scopes // what the desk said of an address, and did not take back
	copies   []press.ID        // of releases that were approved
	releases int
	now      time.Time
}

// scopes are those of the words that stand.
type scopes map[press.Scope]bool

// erased is a word that is kept among an owner's own and never taken back here.
const erased press.Scope = "erased"

func (n *newsroom) say(of map[string]scopes, a press.Address, s press.Scope) {
	if of[a.Key()] == nil {
		of[a.Key()] = scopes{}
	}
	of[a.Key()][s] = true
}

func openNewsroom(t *rapid.T, dir string) *newsroom {
	s, err := store.Open(context.Background(), "sqlite://"+filepath.Join(dir, fmt.Sprintf("%s.db", store.NewID())))
	if err == nil {
		err = s.BindKeyring(context.Background(), ring)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &newsroom{Store: s, ctx: context.Background(), service: optout.New(s, ring), out: map[string]scopes{}, blocked: map[string]scopes{}, now: start}
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
		said := scopes{}
		for _, a := range c.Addresses {
			maps.Copy(said, n.out[a.Key()])
		}
		for _, a := range c.Addresses {
			for s := range said {
				n.say(n.out, a, s)
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

// scopeOf is how far a choice reaches in the releases of this newsroom.
func scopeOf(c optout.Choice) press.Scope {
	return map[optout.Choice]press.Scope{optout.Topic: press.TopicScope("water"), optout.Sender: press.SenderScope("conference"), optout.Everything: press.ScopeAll}[c]
}

// TestNobodyIsWrittenToAgainstTheirWord: no sequence of imports, merges,
// opt-outs and opt-ins, blocks by hand and their lifting, accepted new addresses
// and erasures ends with mail planned to somebody who opted out or was erased, at
// any address of theirs, or to a mailbox that the desk has blocked.
func TestNobodyIsWrittenToAgainstTheirWord(t *testing.T) {
	dir := t.TempDir()
	addresses := rapid.Map(rapid.IntRange(0, 11), func(i int) press.Address { return press.Address(fmt.Sprintf("reader%d@paper.example", i)) })
	choices := rapid.SampledFrom([]optout.Choice{optout.Topic, optout.Sender, optout.Everything})
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
				choice := choices.Draw(t, "choice")
				n.must(t, n.service.OptOut(n.ctx, ring.OptOutToken(id), choice, n.now))
				n.said(t, c, scopeOf(choice))
			},
			"opt in": func(t *rapid.T) {
				id := copied(t)
				c, _, err := n.Copied(n.ctx, id)
				n.must(t, err)
				choice := choices.Draw(t, "choice")
				n.settle(t)
				n.must(t, n.service.OptIn(n.ctx, ring.OptOutToken(id), choice, n.now))
				n.takenBack(t, c, scopeOf(choice))
			},
			"block by hand": func(t *rapid.T) {
				a, s := addresses.Draw(t, "address"), scopeOf(choices.Draw(t, "scope"))
				n.must(t, n.Suppress(n.ctx, ring.AddressKey(a), string(s), "not any more", "Olim", n.now))
				n.say(n.blocked, a, s)
			},
			"lift by hand": func(t *rapid.T) {
				a, s := addresses.Draw(t, "address"), scopeOf(choices.Draw(t, "scope"))
				if n.out[a.Key()][erased] {
					t.Skip(errNothing) // the team may lift an erasure, which is another matter
				}
				_, err := n.Lift(n.ctx, press.Lifting{Address: a, Key: ring.AddressKey(a), Scope: string(s), Why: "asked", By: "Olim", At: n.now})
				n.must(t, err)
				delete(n.blocked[a.Key()], s)
			},
			"erase": func(t *rapid.T) {
				id := copied(t)
				c, _, err := n.Copied(n.ctx, id)
				n.must(t, err)
				n.said(t, c, erased)
				n.must(t, n.service.Erase(n.ctx, ring.OptOutToken(id), n.now))
			},
			"erase by the team": func(t *rapid.T) {
				c := somebody(t, "who")
				for _, a := range c.Addresses {
					n.say(n.out, a, erased)
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
					if own, desks := n.out[r.Address.Key()], n.blocked[r.Address.Key()]; len(own)+len(desks) > 0 {
						t.Fatalf("%s is in the plan, against their own word %v and the desk's %v", r.Address, own, desks)
					}
				}
			},
		})
	})
}

// said notes whose word it was: of everybody who has the copy's address now, or
// had it.
func (n *newsroom) said(t *rapid.T, c press.Copied, s press.Scope) {
	for _, a := range n.whose(t, c) {
		n.say(n.out, a, s)
	}
	n.settle(t)
}

// takenBack forgets a word of whoever has a copy.
func (n *newsroom) takenBack(t *rapid.T, c press.Copied, s press.Scope) {
	for _, a := range n.whose(t, c) {
		delete(n.out[a.Key()], s)
	}
}

// whose are the addresses of whoever has a copy, with the copy's own.
func (n *newsroom) whose(t *rapid.T, c press.Copied) []press.Address {
	var all []press.Address
	for _, p := range n.people(t) {
		if p.ID == c.Contact {
			all = append(all, p.Addresses...)
		}
	}
	if c.Address != "" {
		all = append(all, c.Address)
	}
	return all
}
