package compose

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// Version is of the code that renders. It changes with anything that changes
// the bytes of a message, so that an approval is never sent by other code than
// it was given for.
const Version = "3"

// Kit is everything compiled for one frozen release. It is safe for concurrent
// use.
type Kit struct {
	release  press.Release
	version  press.Version
	sender   press.Sender
	tokens   tokens
	own      layout // of the release's kind
	followUp layout // of its follow-up sends
	editions map[press.Lang]*edition
	headers  map[press.Lang]senderHeaders
}

// Thaw compiles a release that New compiled before its approval, without the
// trial that it passed then: what is due waits for it. Its error is press.Faults.
func Thaw(f press.Frozen) (*Kit, error) {
	k, faults := compile(f)
	if len(faults) > 0 {
		return nil, faults
	}
	return k, nil
}

// New compiles a release that is to be approved, and tries every page that it
// could need. Its error is press.Faults.
func New(f press.Frozen) (*Kit, error) {
	k, faults := compile(f)
	if len(faults) == 0 {
		faults = k.trial(k.ownTrials(f.Release.HasFollowUp()))
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return k, nil
}

// Check tells every fault of a release's templates, phrases and editions: it
// makes every page that the release could ever need, as any kind of release.
func Check(f press.Frozen) press.Faults {
	k, faults := compile(f)
	m := newStoryMaker()
	for _, e := range f.Release.Editions {
		faults = append(faults, m.faults(f.Release.Slug, e)...)
	}
	faults = append(faults, k.tryNinjs()...)
	trials := k.ownTrials(true)
	for _, kind := range append(press.ReleaseKinds(), press.EmbargoNotice) {
		if kind != f.Release.Kind {
			l, found := readLayout(f, kind, false)
			faults = append(faults, found...)
			trials = append(trials, trial{layout: l, kind: kind, variants: fewVariants()})
		}
	}
	if faults = append(faults, k.trial(trials)...); len(faults) == 0 {
		faults = k.weigh()
	}
	faults.Sort()
	return slices.CompactFunc(faults, same)
}

// clip is how much of a page Gmail shows: the rest is behind a link.
const clip = 102 << 10

// weigh refuses pages that would be cut off.
func (k *Kit) weigh() press.Faults {
	var faults press.Faults
	for _, e := range k.ordered() {
		r, err := k.Render(Letter{Recipient: press.Recipient{Address: "weighed@dateline.example", Edition: e.Lang}, SendKind: press.Advance, Held: true})
		f := press.Fault{File: "releases/" + k.release.Slug + "/" + e.File}
		switch {
		case err != nil:
			f.What = err.Error()
		case len(r.HTML) > clip:
			f.What, f.Want = fmt.Sprintf("its page has %d KB, and Gmail cuts it off after 102", len(r.HTML)>>10), "a shorter text is wanted, or a part of it as an attachment"
		default:
			continue
		}
		faults = append(faults, f)
	}
	return faults
}

// compile reads the parts; what it gives may be used as far as it got.
func compile(f press.Frozen) (*Kit, press.Faults) {
	k := &Kit{
		release: f.Release, version: f.Version, sender: f.Sender,
		editions: map[press.Lang]*edition{}, headers: map[press.Lang]senderHeaders{},
	}
	seed, err := json.Marshal(f)
	if err != nil {
		return k, press.Faults{{File: f.Release.Slug, What: fmt.Sprintf("the release cannot be written as JSON: %v", err)}}
	}
	k.tokens = newTokens(string(seed))
	faults := checkSender(f.Sender)
	var found press.Faults
	k.own, found = readLayout(f, f.Release.Kind, false)
	faults = append(faults, found...)
	k.followUp, found = readLayout(f, f.Release.Kind, true)
	faults = append(faults, found...)
	m := newStoryMaker()
	for _, e := range f.Release.Editions {
		ed, found := readEdition(f, e, m)
		faults = append(faults, found...)
		if len(found) == 0 {
			k.editions[e.Lang] = ed
			k.headers[e.Lang] = newSenderHeaders(f, e.Lang)
		}
	}
	faults.Sort()
	return k, slices.CompactFunc(faults, same)
}

func same(a, b press.Fault) bool { return a == b }

func readEdition(f press.Frozen, e press.Edition, m storyMaker) (*edition, press.Faults) {
	file := "phrases/" + string(e.Lang) + ".yaml"
	text, ok := f.Files[file]
	if !ok {
		return nil, press.Faults{{
			File: "templates/" + file,
			What: fmt.Sprintf("there are no phrases for the edition in %s", e.Lang),
			Want: "there are phrases for " + strings.Join(phraseLanguages(f.Files), ", "),
		}}
	}
	words, faults := locale.ParseLanguage("templates/"+file, text)
	if len(faults) > 0 {
		return nil, faults
	}
	ed, err := newEdition(f, e, words, m)
	if err != nil {
		return nil, press.Faults{{File: e.File, What: err.Error()}}
	}
	return ed, nil
}

func phraseLanguages(files map[string]string) []string {
	var all []string
	for name := range files {
		if lang, ok := strings.CutPrefix(name, "phrases/"); ok {
			all = append(all, strings.TrimSuffix(lang, ".yaml"))
		}
	}
	slices.Sort(all)
	return all
}

func checkSender(s press.Sender) press.Faults {
	var faults press.Faults
	fault := func(format string, args ...any) {
		faults = append(faults, press.Fault{File: "dateline.yaml", What: "sender " + s.ID + ": " + fmt.Sprintf(format, args...)})
	}
	if _, err := press.ParseAddress(string(s.From)); err != nil {
		fault("from: %v", err)
	}
	if s.ReplyTo != "" {
		if _, err := press.ParseAddress(string(s.ReplyTo)); err != nil {
			fault("reply_to: %v", err)
		}
	}
	if strings.ContainsFunc(s.ListID, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>()\"\\,;:@", r) }) {
		fault("list_id: %q is no list id; dot-separated words of ASCII are wanted, such as releases.conference.example", s.ListID)
	}
	return faults
}
