package desk

import (
	"fmt"
	"slices"
	"time"

	"dateline/internal/compose"
	"dateline/internal/config"
	"dateline/internal/locale"
	"dateline/internal/press"
)

// Proofs are all the copies that a release can become, for a person to look at
// before a yes: each edition, on each occasion, to each of a few contacts who
// are made up.
type Proofs struct {
	Release   press.Release
	Sender    press.Sender
	Editions  []ProofEdition
	Occasions []Occasion
	Contacts  []ProofContact
	Copies    []Proof // by edition, occasion and contact, in their order
}

// ProofEdition is one edition of the release.
type ProofEdition struct {
	Lang     press.Lang
	Name     string // what the language calls itself
	Dir      string // ltr or rtl
	Headline string
}

// OccasionKind is why a copy goes out.
type OccasionKind string

// The kinds of occasion: the three kinds of send, a test copy, and the notices
// that could become necessary.
const (
	ForAdvance     OccasionKind = "advance"
	ForGeneral     OccasionKind = "general"
	ForFollowUp    OccasionKind = "follow-up"
	ForTest        OccasionKind = "test"
	ForKill        OccasionKind = "kill"
	ForMovedLift   OccasionKind = "embargo-moved"
	ForFreeRelease OccasionKind = "embargo-ended"
)

// Occasion is one that sends a copy to everybody concerned.
type Occasion struct {
	Kind OccasionKind
	Send string // of the release; "" for a test copy and a notice
}

// ProofContact is somebody made up, as whom a proof is addressed.
type ProofContact struct {
	ID      string // known, bare or long
	Name    string
	Outlet  string
	Address press.Address
	Zone    string
}

// Proof is one copy.
type Proof struct {
	Preview
	Occasion Occasion
	Contact  ProofContact
	Due      time.Time
	Held     bool // it leaves under embargo
}

// movedBy is how much later the embargo of the proofs of its notice is.
const movedBy = 24 * time.Hour

// Proofs makes every copy of a release of the folder, or those of one edition.
// It needs no store. Its error is press.Faults where the release, its templates
// or its phrases have some.
func (d *Desk) Proofs(slug string, only press.Lang, now time.Time) (Proofs, error) {
	if about, _, _, ok := press.SplitNotice(slug); ok {
		return Proofs{}, Refused{fmt.Sprintf("%s is a notice; the proofs of %s show its notices, too", slug, about)}
	}
	f, err := d.folder(slug, now)
	if err != nil {
		return Proofs{}, err
	}
	if faults := d.checkOne(slug); len(faults) > 0 {
		return Proofs{}, faults
	}
	frozen := d.frozen(f)
	kit, err := compose.Thaw(frozen) // its trial was the check
	if err != nil {
		return Proofs{}, err
	}
	p := Proofs{Release: frozen.Release, Sender: frozen.Sender, Contacts: proofContacts(frozen.Release.Dateline.Zone)}
	if p.Editions, err = proofEditions(frozen, only); err != nil {
		return Proofs{}, err
	}
	proofers, err := proofersOf(frozen, kit, now)
	if err != nil {
		return Proofs{}, err
	}
	for _, o := range proofers {
		p.Occasions = append(p.Occasions, o.Occasion)
	}
	for _, e := range p.Editions {
		for i, o := range proofers {
			for _, c := range p.Contacts {
				proof, err := d.proof(o, i, e.Lang, c)
				if err != nil {
					return Proofs{}, fmt.Errorf("the %s copy of %s in %s: %w", o.Kind, slug, e.Lang, err)
				}
				p.Copies = append(p.Copies, proof)
			}
		}
	}
	return p, nil
}

// checkOne is Check for one release, by the name that its files have.
func (d *Desk) checkOne(slug string) press.Faults {
	name, _ := press.SplitOccurrence(slug)
	f, _ := d.Config.Folder(name) // it was found before
	return d.check([]config.Folder{f})
}

func proofEditions(f press.Frozen, only press.Lang) ([]ProofEdition, error) {
	editions, err := editionsOf(f.Release, only)
	if err != nil {
		return nil, err
	}
	var all []ProofEdition
	for _, e := range editions {
		file := "phrases/" + string(e.Lang) + ".yaml"
		words, faults := locale.ParseLanguage("templates/"+file, f.Files[file])
		if len(faults) > 0 {
			return nil, faults
		}
		all = append(all, ProofEdition{Lang: e.Lang, Name: words.Name, Dir: words.Dir, Headline: e.Headline})
	}
	return all, nil
}

// proofContacts are somebody of whom everything is known, somebody of whom only
// the address is, and somebody with more of a name than a line holds and with
// characters that HTML must not take for its own.
func proofContacts(zone string) []ProofContact {
	other := "America/New_York"
	if zone == other {
		other = "Europe/Vienna"
	}
	return []ProofContact{
		{"known", "Anna Leitner", "Donau-Dienst", "anna.leitner@donau-dienst.example", other},
		{"bare", "", "", "newsroom@newsroom.example", ""},
		{
			"long", "Maximiliana-Alexandra O'Donnell-Hohenwart von und zu Wittgenstein-Sayn",
			`Allgemeine Zeitung für Diplomatie, Sicherheit & internationale Zusammenarbeit <Süd> "Der Morgen"`,
			"maximiliana-alexandra.odonnell-hohenwart.von.wittgenstein@politics.newsroom.allgemeine-zeitung-fuer-diplomatie.example", "Asia/Kathmandu",
		},
	}
}

// proofer makes the copies of one occasion.
type proofer struct {
	Occasion
	kit    *compose.Kit
	frozen press.Frozen
	send   press.SendKind
	test   bool
	reply  bool                        // it answers an earlier copy
	due    func(zone string) time.Time // to a contact in a zone
}

// proofersOf gives the occasions of a release: its sends in their order, a test
// copy, and the notices.
func proofersOf(f press.Frozen, kit *compose.Kit, now time.Time) ([]proofer, error) {
	var all []proofer
	var dues []time.Time
	held := false
	for _, s := range f.Release.Sends {
		due := func(zone string) time.Time { return dueAt(f.Release, s, zone, now) }
		all = append(all, proofer{Occasion: Occasion{OccasionKind(s.Kind), s.Name}, kit: kit, frozen: f, send: s.Kind, due: due})
		at := due(f.Release.Dateline.Zone)
		dues = append(dues, at)
		held = held || f.Release.Embargo.UnderEmbargo(at)
	}
	if len(dues) == 0 {
		return nil, fmt.Errorf("release %s has no send", f.Release.Slug)
	}
	first, last := slices.MinFunc(dues, time.Time.Compare), slices.MaxFunc(dues, time.Time.Compare)
	at := func(t time.Time) func(string) time.Time { return func(string) time.Time { return t } }
	all = append(all, proofer{Occasion: Occasion{Kind: ForTest}, kit: kit, frozen: f, send: press.General, test: true, due: at(first.Add(-time.Hour))})
	notices := []noticeProof{{ForKill, press.KillNotice, f.Release.Embargo, last.Add(time.Hour)}}
	if lift := f.Release.Embargo.Lift; held { // only who has a copy under embargo is told that it moved
		notices = append(notices,
			noticeProof{ForMovedLift, press.EmbargoNotice, press.Embargo{Lift: press.Moment{At: lift.At.Add(movedBy), Zone: lift.Zone}}, lift.At.Add(-time.Hour)},
			noticeProof{ForFreeRelease, press.EmbargoNotice, press.Embargo{None: true}, lift.At.Add(-time.Hour)})
	}
	for _, n := range notices {
		o, err := n.proofer(f, first, last)
		if err != nil {
			return nil, err
		}
		o.due = at(n.due)
		all = append(all, o)
	}
	return all, nil
}

// noticeProof is a notice that could become necessary.
type noticeProof struct {
	why     OccasionKind
	kind    press.ReleaseKind
	embargo press.Embargo // as it would be by then
	due     time.Time
}

// proofer writes the notice as desk.Notice and the plan do, but to holders who
// are made up.
func (n noticeProof) proofer(f press.Frozen, first, last time.Time) (proofer, error) {
	then := f
	then.Release.Embargo = n.embargo
	notice := compose.Notice{Slug: press.KillSlug(f.Release.Slug), Kind: n.kind, First: first, Last: last}
	if n.kind == press.EmbargoNotice {
		notice.Slug, notice.Before = press.EmbargoSlug(f.Release.Slug, 1), f.Release.Embargo.Lift
		notice.Last = first // who has a later copy has it without an embargo
	}
	for _, e := range f.Release.Editions {
		notice.Languages = append(notice.Languages, e.Lang)
	}
	frozen, err := notice.Freeze(then)
	if err != nil {
		return proofer{}, err
	}
	kit, err := compose.Thaw(frozen) // the check tried its kind, too
	if err != nil {
		return proofer{}, fmt.Errorf("composing the notice %s: %w", notice.Slug, err)
	}
	return proofer{Occasion: Occasion{Kind: n.why}, kit: kit, frozen: frozen, send: press.General, reply: true}, nil
}

// proof makes one copy; n is the number of its occasion.
func (d *Desk) proof(o proofer, n int, lang press.Lang, c ProofContact) (Proof, error) {
	due := o.due(c.Zone)
	id := func(n int) string {
		return fmt.Sprintf("proof.%s.%d.%s@%s", lang, n, c.ID, o.frozen.Sender.From.Domain())
	}
	l := compose.Letter{
		Recipient: press.Recipient{Address: c.Address, Name: c.Name, Outlet: c.Outlet, Zone: c.Zone, Edition: lang, Due: due},
		SendKind:  o.send, Test: o.test, Date: due, MessageID: id(n),
		Held: o.frozen.Release.Embargo.UnderEmbargo(due), OptOut: "preview",
	}
	if o.reply {
		l.Recipient.InReplyTo = id(0)
	}
	p, err := d.compose(o.kit, o.frozen.Sender, l)
	p.Send = o.Send
	return Proof{Preview: p, Occasion: o.Occasion, Contact: c, Due: due, Held: l.Held}, err
}
