package locale

import (
	"fmt"
	"slices"
)

// phraseKey is a phrase that every language has, with the placeholders that it
// must hold: a label that lost its instant would say the opposite of what it is
// there for.
type phraseKey struct {
	key          string
	placeholders []string
}

// phraseKeys is the one list of phrases, in the order of the phrase files.
func phraseKeys() []phraseKey {
	return slices.Concat(mailKeys(), pageKeys(), partKeys())
}

// mailKeys are the phrases of a mail.
func mailKeys() []phraseKey {
	return []phraseKey{
		{"kind.release", nil},
		{"kind.advisory", nil},
		{"kind.statement", nil},
		{"kind.correction", nil},
		{"kind.kill", nil},
		{"kind.embargo", nil},
		{"embargo.title", nil},
		{"embargo.until", []string{"when"}},
		{"embargo.lifted", []string{"when"}},
		{"embargo.subject", []string{"when"}},
		{"embargo.advance", []string{"outlet", "when"}},
		{"immediate", nil},
		{"test.subject", nil},
		{"test.notice", nil},
		{"notice.kill.headline", []string{"organisation", "sent"}},
		{"notice.kill.text", nil},
		{"notice.kill.reason", []string{"reason"}},
		{"notice.embargo.headline", []string{"before"}},
		{"notice.embargo.text", []string{"sent", "until", "before"}},
		{"notice.free.headline", []string{"before"}},
		{"notice.free.text", []string{"sent", "before"}},
		{"notice.ask", nil},
		{"correction.about", []string{"headline"}},
		{"correction.changed", []string{"what"}},
		{"follow-up.first", nil},
		{"follow-up.changed", []string{"what"}},
		{"greeting.name", []string{"name"}},
		{"greeting.none", nil},
		{"end.mark", nil},
		{"contacts.title", nil},
		{"website.title", nil},
		{"background.title", nil},
		{"attachments.title", nil},
		{"picture", []string{"alt"}},
		{"notes.title", nil},
		{"links.title", nil},
		{"footer.why", []string{"organisation"}},
		{"footer.reply", nil},
		{"footer.unsubscribe", nil},
	}
}

// pageKeys are those of the pages that a journalist reaches by a link.
func pageKeys() []phraseKey {
	return []phraseKey{
		{"page.title", nil},
		{"page.intro", []string{"organisation", "address"}},
		{"page.gone", []string{"organisation"}},
		{"page.test", nil},
		{"page.bounced", nil},
		{"page.erased", nil},
		{"page.out.title", nil},
		{"page.out.topic", []string{"topic"}},
		{"page.out.sender", []string{"organisation"}},
		{"page.out.all", nil},
		{"page.out.topic.done", []string{"topic"}},
		{"page.out.sender.done", []string{"organisation"}},
		{"page.out.all.done", nil},
		{"page.out.undo", nil},
		{"page.wish.title", nil},
		{"page.wish.languages", nil},
		{"page.wish.language", []string{"n"}},
		{"page.wish.none", nil},
		{"page.wish.address", nil},
		{"page.wish.another", nil},
		{"page.wish.note", nil},
		{"page.wish.save", nil},
		{"page.wish.saved", nil},
		{"page.held.title", nil},
		{"page.held.name", nil},
		{"page.held.addresses", nil},
		{"page.held.outlets", nil},
		{"page.held.country", nil},
		{"page.held.languages", nil},
		{"page.held.beats", nil},
		{"page.held.zone", nil},
		{"page.held.basis", nil},
		{"page.held.source", nil},
		{"page.held.notes", nil},
		{"page.held.unknown", nil},
		{"page.held.download", nil},
		{"page.erase.title", nil},
		{"page.erase.text", nil},
		{"page.erase.button", nil},
		{"page.erase.confirm", nil},
		{"page.erase.back", nil},
		{"page.fault.title", nil},
		{"page.fault.link", nil},
		{"page.fault.later", nil},
		{"page.fault.often", nil},
		{"page.fault.wish", nil},
		{"page.language", nil},
	}
}

// partKeys are those that stand within others, or at the head of a text.
func partKeys() []phraseKey {
	return []phraseKey{
		{"when", []string{"date", "time", "city", "offset"}},
		{"dateline", []string{"cities", "date"}},
		{"label", []string{"text"}}, // before a link or a value
	}
}

// PhraseKeys lists the keys of all phrases.
func PhraseKeys() []string {
	var keys []string
	for _, k := range phraseKeys() {
		keys = append(keys, k.key)
	}
	return keys
}

// Phrase gives a phrase with its placeholders filled. The arguments are pairs
// of a placeholder's name and its value, each placeholder of the phrase once
// and no other; values go in as they are. An unknown key and arguments that do
// not fit are errors.
func (l *Language) Phrase(key string, args ...string) (string, error) {
	p, ok := l.phrases[key]
	if !ok {
		return "", fmt.Errorf("the phrase %q in %s: there is none of this key", key, l.Tag)
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("the phrase %q in %s: a placeholder has no value; names and values are wanted in turn", key, l.Tag)
	}
	known := p.names()
	values := map[string]string{}
	for i := 0; i < len(args); i += 2 {
		name := args[i]
		if _, twice := values[name]; twice || !slices.Contains(known, name) {
			return "", fmt.Errorf("the phrase %q in %s: %q is given twice or is no placeholder of it; its placeholders: %s", key, l.Tag, name, braced(known))
		}
		values[name] = args[i+1]
	}
	if len(values) != len(known) {
		return "", fmt.Errorf("the phrase %q in %s: values are missing; its placeholders: %s", key, l.Tag, braced(known))
	}
	return p.fill(func(name string) string { return values[name] }), nil
}
