package plan

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

var (
	tags      = []press.Lang{"en", "ru", "uz-Latn", "uz-Cyrl", "kk", "tr"}
	countries = []press.Country{"UZ", "KZ", "US"}
	listNames = []string{"region", "abroad", "wires", "everyone"}
)

// draw makes a release, an audience and what is known of it, such as no config
// would let through too.
func draw(t *rapid.T) Input {
	in := Input{
		Release:    drawRelease(t),
		Lists:      map[string]press.List{"everyone": {All: true}},
		Fallbacks:  map[press.Lang][]press.Lang{"uz-Cyrl": {"uz-Latn", "ru"}, "kk": {"ru"}},
		Now:        lift.Add(time.Duration(rapid.Int64Range(-50, 50).Draw(t, "now")) * time.Hour),
		ReleaseNow: rapid.Bool().Draw(t, "release now"),
	}
	for _, c := range rapid.SliceOfNDistinct(rapid.SampledFrom(countries), 0, 2, rapid.ID).Draw(t, "quiet countries") {
		in.QuietHours = map[press.Country]press.QuietHours{c: {From: 22 * 60, To: 7 * 60}, "KZ": {From: rapid.IntRange(0, 700).Draw(t, "from"), To: rapid.IntRange(701, 1439).Draw(t, "to")}}
	}
	for _, name := range listNames[:3] {
		in.Lists[name] = press.List{Filter: press.Filter{
			Countries:   rapid.SliceOfN(rapid.SampledFrom(countries), 0, 2).Draw(t, "countries"),
			OutletKinds: rapid.SliceOfN(rapid.SampledFrom([]press.OutletKind{press.Wire, press.TV}), 0, 1).Draw(t, "kinds"),
		}}
	}
	cs := drawContacts(t)
	in.Contacts = stream(cs)
	suppressed, held := map[string]bool{}, map[string]bool{}
	for _, c := range cs {
		key := c.Preferred().Key()
		suppressed[key] = rapid.IntRange(0, 5).Draw(t, "suppressed") == 0
		for _, s := range in.Release.Sends {
			held[s.Name+" "+key] = rapid.IntRange(0, 9).Draw(t, "held") == 0
		}
	}
	in.Suppressed = func(a press.Address) (string, bool) { return "opt-out", suppressed[a.Key()] }
	in.Holds = func(send string, a press.Address) bool { return held[send+" "+a.Key()] }
	return in
}

func drawRelease(t *rapid.T) press.Release {
	r := press.Release{Slug: "water-2027", Embargo: press.Embargo{Lift: press.Moment{At: lift, Zone: "Asia/Tashkent"}}}
	if rapid.IntRange(0, 4).Draw(t, "no embargo") == 0 {
		r.Embargo = press.Embargo{None: true}
	}
	for _, l := range rapid.SliceOfNDistinct(rapid.SampledFrom(tags), 1, 3, rapid.ID).Draw(t, "editions") {
		r.Editions = append(r.Editions, press.Edition{Lang: l})
	}
	hours := rapid.Int64Range(-48, 48)
	for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "sends")] {
		s := press.Send{
			Name:      name,
			Kind:      rapid.SampledFrom([]press.SendKind{press.Advance, press.General, press.FollowUp}).Draw(t, "kind"),
			Lists:     rapid.SliceOfNDistinct(rapid.SampledFrom(listNames), 1, 4, rapid.ID).Draw(t, "lists"),
			LateAfter: time.Duration(rapid.Int64Range(1, 30).Draw(t, "late after")) * time.Hour,
			Again:     rapid.IntRange(0, 3).Draw(t, "again") == 0,
		}
		s.IgnoreQuiet = rapid.IntRange(0, 3).Draw(t, "ignore quiet") == 0
		if s.Kind == press.FollowUp {
			followUp(t, r, &s)
		}
		switch rapid.IntRange(0, 3).Draw(t, "at") {
		case 1:
			s.At.Before = time.Duration(hours.Draw(t, "before")) * time.Hour
		case 2:
			s.At.Moment = press.Moment{At: lift.Add(time.Duration(hours.Draw(t, "moment")) * time.Hour), Zone: "UTC"}
		}
		if s.Kind != press.Advance && rapid.IntRange(0, 2).Draw(t, "local") == 0 {
			s.At = press.Schedule{Local: press.WallOf(lift.Add(time.Duration(hours.Draw(t, "wall")) * time.Hour))}
		}
		r.Sends = append(r.Sends, s)
	}
	return r
}

// followUp makes a send follow one above it, or a general one where it cannot.
func followUp(t *rapid.T, r press.Release, s *press.Send) {
	var above []string
	for _, o := range r.Sends {
		if o.Kind != press.FollowUp {
			above = append(above, o.Name)
		}
	}
	if len(above) == 0 {
		s.Kind = press.General
		return
	}
	s.After = rapid.SampledFrom(above).Draw(t, "after")
	if rapid.Bool().Draw(t, "to all of it") {
		s.Lists = nil
	}
}

func drawContacts(t *rapid.T) []press.Contact {
	var cs []press.Contact
	for i := range rapid.IntRange(0, 12).Draw(t, "contacts") {
		c := person(byte(i+1), rapid.SampledFrom([]string{"", "Aziz", "Dana"}).Draw(t, "name"), press.Address(rapid.SampledFrom([]string{"a", "B", "ж"}).Draw(t, "local")+string(rune('a'+i))+"@example.org"),
			rapid.SampledFrom(countries).Draw(t, "country"), rapid.SliceOfNDistinct(rapid.SampledFrom(tags), 0, 3, rapid.ID).Draw(t, "languages")...)
		c.Outlets = rapid.SliceOfN(rapid.SampledFrom([]press.Outlet{agreed, wire, daily, {Name: "Kanal", Kind: press.TV}}), 0, 2).Draw(t, "outlets")
		c.Zone = rapid.SampledFrom([]string{"", "Asia/Tashkent"}).Draw(t, "zone")
		cs = append(cs, c)
	}
	return cs
}

// lists tells whether a send is for a contact at all.
func lists(in Input, p Plan, s press.Send, c press.Contact) bool {
	if s.Kind == press.FollowUp && len(s.Lists) == 0 {
		return mayFollow(in, p, s, c)
	}
	return slices.ContainsFunc(s.Lists, func(name string) bool { return in.Lists[name].Holds(c, press.DateOf(in.Release.Embargo.Lift.Local())) })
}

// mayFollow tells whether a contact gets, or has, the send that s follows.
func mayFollow(in Input, p Plan, s press.Send, c press.Contact) bool {
	_, gets := copyOf(p, s.After, c)
	return gets || in.Holds(s.After, c.Preferred())
}

func copyOf(p Plan, send string, c press.Contact) (press.Recipient, bool) {
	for _, s := range p.Sends {
		for _, r := range s.Recipients {
			if s.Name == send && r.Contact == c.ID {
				return r, true
			}
		}
	}
	return press.Recipient{}, false
}

// TestPromises holds any plan against what the package promises.
func TestPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := draw(t)
		p := make1(t, in)
		advance := map[string]bool{}
		for i, s := range p.Sends {
			release := in.Release.Sends[i]
			var last string
			for _, r := range s.Recipients {
				key := r.Address.Key()
				if key <= last {
					t.Fatalf("%s: %s stands twice, or out of order", s.Name, r.Address)
				}
				last = key
				checkRecipient(t, in, p, release, s, r)
				checkInstant(t, in, release, s, r)
				if s.Kind == press.Advance {
					advance[key] = true
				}
			}
			// Everybody in the lists is told of once: a copy, or the reason for none.
			for _, c := range contactsOf(in) {
				copies, reasons := 0, 0
				for _, r := range s.Recipients {
					if r.Contact == c.ID {
						copies++
					}
				}
				for _, skip := range p.Skips {
					if skip.Send == s.Name && skip.Contact == c.ID && skip.Why != "" {
						reasons++
					}
				}
				if want := lists(in, p, release, c); copies+reasons > 1 || (copies+reasons == 1) != want {
					t.Fatalf("%s: %s is in its lists: %v; it has %d copies and %d skips", s.Name, c.Preferred(), want, copies, reasons)
				}
			}
		}
		for i, s := range p.Sends {
			for _, r := range s.Recipients {
				if s.Kind == press.General && !in.Release.Sends[i].Again && advance[r.Address.Key()] {
					t.Fatalf("%s holds the advance copy and gets %s", r.Address, s.Name)
				}
			}
		}
	})
}

func checkRecipient(t *rapid.T, in Input, p Plan, release press.Send, s Send, r press.Recipient) {
	cs := contactsOf(in)
	c := cs[slices.IndexFunc(cs, func(c press.Contact) bool { return c.ID == r.Contact })]
	if _, suppressed := in.Suppressed(r.Address); suppressed || in.Holds(s.Name, r.Address) || r.Address != c.Preferred() {
		t.Fatalf("%s: %s must not get a copy", s.Name, r.Address)
	}
	if _, ok := in.Release.Edition(r.Edition); !ok || r.Why == "" {
		t.Fatalf("%s: %s gets an edition that there is not: %q, because %q", s.Name, r.Address, r.Edition, r.Why)
	}
	if own := slices.ContainsFunc(c.Languages, func(l press.Lang) bool { _, ok := in.Release.Edition(l); return ok }); own && !slices.Contains(c.Languages, r.Edition) {
		t.Fatalf("%s: %s reads %v and gets %s", s.Name, r.Address, c.Languages, r.Edition)
	}
	if r.After != release.After || s.Kind == press.FollowUp && !mayFollow(in, p, release, c) {
		t.Fatalf("%s: %s gets no %q to follow", s.Name, r.Address, release.After)
	}
	if followed, ok := copyOf(p, release.After, c); ok && len(p.Errors) == 0 && !r.Due.IsZero() && !r.Due.After(followed.Due) {
		t.Fatalf("%s: %s is due at %s, and %s at %s", s.Name, r.Address, r.Due, release.After, followed.Due)
	}
	if s.Kind == press.Advance {
		if !slices.ContainsFunc(c.Outlets, func(o press.Outlet) bool { return o.Name == r.Outlet && o.Agreement.OnFile() }) {
			t.Fatalf("%s: %s has no agreement through %q", s.Name, r.Address, r.Outlet)
		}
		return
	}
	// What leaves on approval leaves now: that must not be before the lift either.
	leaves := r.Due
	if leaves.IsZero() {
		leaves = in.Now
	}
	if embargo := in.Release.Embargo; !embargo.None && leaves.Before(embargo.Lift.At) {
		t.Fatalf("%s: %s would leave at %s, before the lift", s.Name, r.Address, leaves)
	}
}

// checkInstant holds a copy's instant against its send's schedule, the lift and
// the contact's quiet hours.
func checkInstant(t *rapid.T, in Input, release press.Send, s Send, r press.Recipient) {
	if r.Due.IsZero() {
		if !r.Deadline.IsZero() || !s.Due.IsZero() {
			t.Fatalf("%s: %s goes on approval until %s; the send is at %s", s.Name, r.Address, r.Deadline, s.Due)
		}
		return
	}
	if !r.Deadline.Equal(r.Due.Add(release.LateAfter)) || r.Due.Before(s.Due) || r.Due.After(s.Due) && r.Due.After(s.Until) {
		t.Fatalf("%s: %s is due at %s until %s; the send is at %s to %s", s.Name, r.Address, r.Due, r.Deadline, s.Due, s.Until)
	}
	quiet, keeps := in.QuietHours[r.Country]
	keeps = keeps && r.Zone != "" && !release.IgnoreQuiet && s.Kind != press.Advance
	local := press.In(r.Due, r.Zone) // in zones whose clocks do not change
	minute := local.Hour()*60 + local.Minute()
	within := minute >= quiet.From && minute < quiet.To
	if quiet.To < quiet.From {
		within = minute >= quiet.From || minute < quiet.To
	}
	if keeps && within {
		t.Fatalf("%s: %s is due at %s, within the quiet hours %s", s.Name, r.Address, local, quiet)
	}
	asked := release.At.DueIn(in.Release.Embargo.Lift.At, local.Location())
	if s.Kind != press.Advance && asked.Before(in.Release.Embargo.Lift.At) {
		asked = in.Release.Embargo.Lift.At
	}
	waits := keeps && minute == quiet.To && r.Due.Sub(asked) < 24*time.Hour && r.Due.After(asked)
	if !waits && !r.Due.Equal(asked) || !release.At.Local.IsZero() && r.Zone == "" {
		t.Fatalf("%s: %s (%s) is due at %s; asked for is %s", s.Name, r.Address, r.Zone, r.Due, asked)
	}
}

func text(t *rapid.T, p Plan) string {
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestOrderDoesNotMatter: the whole plan is the same, not its digest alone.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := draw(t)
		want := text(t, make1(t, in))
		in.Contacts = stream(rapid.Permutation(contactsOf(in)).Draw(t, "order"))
		if got := text(t, make1(t, in)); got != want {
			t.Fatalf("%s\nand in another order\n%s", want, got)
		}
	})
}

// TestIDsStayOut: two stores give the same people other ids.
func TestIDsStayOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := draw(t)
		before := make1(t, in)
		cs := contactsOf(in)
		for i := range cs {
			cs[i].ID = press.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		}
		in.Contacts = stream(cs)
		if after := make1(t, in); after.Digest != before.Digest {
			t.Fatal("the ids are in the digest")
		}
	})
}

// TestSuppressionOnlyRemoves: the plan with a suppression more is the plan
// without it, less the rows of that mailbox.
func TestSuppressionOnlyRemoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := draw(t)
		cs := contactsOf(in)
		if len(cs) == 0 {
			return
		}
		gone := rapid.SampledFrom(cs).Draw(t, "gone").Preferred().Key()
		before := make1(t, in)
		suppressed := in.Suppressed
		in.Suppressed = func(a press.Address) (string, bool) {
			if a.Key() == gone {
				return "complained", true
			}
			return suppressed(a)
		}
		after := make1(t, in)
		for i := range before.Sends {
			want := slices.DeleteFunc(slices.Clone(before.Sends[i].Recipients), func(r press.Recipient) bool { return r.Address.Key() == gone })
			if !slices.Equal(after.Sends[i].Recipients, want) || in.Release.Sends[i].At.Local.IsZero() && !after.Sends[i].Due.Equal(before.Sends[i].Due) {
				t.Fatalf("%s: %v, want %v", before.Sends[i].Name, after.Sends[i].Recipients, want)
			}
		}
		if (after.Recipients() == before.Recipients()) != (after.Digest == before.Digest) {
			t.Fatalf("of %d recipients %d are left; digests %s, %s", before.Recipients(), after.Recipients(), before.Digest, after.Digest)
		}
	})
}

// TestDigestTellsPlansApart: two plans have one digest only where every copy
// has the same bytes and the same instant.
func TestDigestTellsPlansApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := draw(t)
		before := make1(t, in)
		cs := contactsOf(in)
		if len(cs) == 0 {
			return
		}
		c := &cs[rapid.IntRange(0, len(cs)-1).Draw(t, "who")]
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			c.Name += "x"
		case 1:
			c.Zone = "Asia/Samarkand"
		case 2:
			c.Addresses[0] = "x" + c.Addresses[0]
		case 3:
			c.Languages = []press.Lang{rapid.SampledFrom(tags).Draw(t, "language")}
		}
		in.Contacts = stream(cs)
		after := make1(t, in)
		same := slices.EqualFunc(before.Sends, after.Sends, func(a, b Send) bool {
			return slices.EqualFunc(a.Recipients, b.Recipients, func(a, b press.Recipient) bool {
				a.Why, b.Why = "", "" // "first language" and "2nd language" are one copy
				return a == b
			})
		})
		if same != (before.Digest == after.Digest) {
			t.Fatalf("the copies are the same: %v; digests %s, %s", same, before.Digest, after.Digest)
		}
	})
}
