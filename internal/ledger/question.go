package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dateline/internal/press"
)

// Question is what somebody asks of the deliveries.
type Question struct {
	Filter press.DeliveryFilter
	After  press.ID // from behind this one on; zero: from the newest
	Limit  int      // rows a page
}

// Rows of a page.
const (
	PageRows    = 50
	MaxPageRows = 1000
)

// maxText is how many characters of a text, or of a name, are looked for.
const maxText = 200

// Misasked is a word of a question that cannot be understood.
type Misasked struct {
	Word  string `json:"word"`
	Value string `json:"value"`
	What  string `json:"what"` // what is wrong, and what would be right
}

func (m Misasked) Error() string { return m.Word + ": " + m.What }

// MisaskedWords are all that are wrong in one question.
type MisaskedWords []Misasked

// Error lists every one, a line each.
func (m MisaskedWords) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].Error()
	}
	return strings.Join(lines, "\n")
}

// asking reads a question word by word, and notes what is wrong.
type asking struct {
	Question
	now   time.Time
	keyOf press.KeyOf
	wrong MisaskedWords
}

// questionWords are what can be asked, each with what reads one value of it.
func questionWords() map[string]func(*asking, string) error {
	return map[string]func(*asking, string) error{
		"release": func(a *asking, v string) error { return plainText(v, &a.Filter.Release) },
		"outlet":  func(a *asking, v string) error { return plainText(v, &a.Filter.Outlet) },
		"text":    func(a *asking, v string) error { return plainText(v, &a.Filter.Text) },
		"country": func(a *asking, v string) (err error) { a.Filter.Country, err = press.ParseCountry(v); return err },
		"edition": func(a *asking, v string) (err error) { a.Filter.Edition, err = press.ParseLang(v); return err },
		"state":   (*asking).state,
		"reason":  (*asking).reason,
		"address": (*asking).address,
		"since":   func(a *asking, v string) (err error) { a.Filter.Since, err = ParseWhen(v, a.now); return err },
		"until":   func(a *asking, v string) (err error) { a.Filter.Until, err = ParseWhen(v, a.now); return err },
		"after":   func(a *asking, v string) (err error) { a.After, err = press.ParseID(v); return err },
		"limit":   (*asking).limit,
	}
}

// QuestionWords are the words that Ask knows, in the order of the alphabet.
func QuestionWords() []string { return slices.Sorted(maps.Keys(questionWords())) }

// Ask reads a question from words, such as those of a query string or a command
// line. An empty value asks nothing; of states there may be several. The error
// is MisaskedWords: everything that is wrong, at once.
func Ask(words map[string][]string, now time.Time, keyOf press.KeyOf) (Question, error) {
	a := asking{Question: Question{Limit: PageRows}, now: now, keyOf: keyOf}
	known := questionWords()
	for _, word := range slices.Sorted(maps.Keys(words)) {
		values := slices.DeleteFunc(slices.Clone(words[word]), func(v string) bool { return strings.TrimSpace(v) == "" })
		read, is := known[word]
		switch {
		case !is:
			a.note(word, "", "it is no filter; the filters are: "+strings.Join(QuestionWords(), " "))
		case len(values) > 1 && word != "state":
			a.note(word, values[1], "it is given more than once; one value is wanted")
		default:
			for _, v := range values {
				if err := read(&a, strings.TrimSpace(v)); err != nil {
					a.note(word, v, err.Error())
				}
			}
		}
	}
	if f := a.Filter; !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until) {
		a.note("until", f.Until.Format(time.RFC3339), "it is not later than since, so that nothing is between")
	}
	if len(a.wrong) > 0 {
		return Question{}, a.wrong
	}
	return a.Question, nil
}

func (a *asking) note(word, value, what string) {
	a.wrong = append(a.wrong, Misasked{word, value, what})
}

// plainText is a text, or a name, that is looked for.
func plainText(v string, into *string) error {
	switch {
	case !utf8.ValidString(v):
		return fmt.Errorf("%q is not UTF-8", v)
	case utf8.RuneCountInString(v) > maxText:
		return fmt.Errorf("it is longer than %d characters", maxText)
	case strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("%q has a control character; a part of one line is wanted", v)
	}
	*into = v
	return nil
}

func (a *asking) state(v string) error {
	s := press.State(v)
	if !slices.Contains(press.States(), s) {
		return fmt.Errorf("%q is no state; the states are: %s", v, joined(press.States()))
	}
	if !slices.Contains(a.Filter.States, s) {
		a.Filter.States = append(a.Filter.States, s)
	}
	return nil
}

// reason is why a copy came back, or whether that proves its address dead.
func (a *asking) reason(v string) error {
	switch r := press.Reason(v); {
	case press.Class(v) == press.Hard || press.Class(v) == press.Soft:
		a.Filter.Class = press.Class(v)
	case slices.Contains(press.Reasons(), r):
		a.Filter.Reason = r
	default:
		return fmt.Errorf("%q is no reason; it is hard, soft, or one of: %s", v, joined(press.Reasons()))
	}
	return nil
}

func (a *asking) address(v string) error {
	address, err := press.ParseAddress(v)
	if err == nil {
		a.Filter.Mailbox = a.keyOf(address)
	}
	return err
}

func (a *asking) limit(v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > MaxPageRows {
		return fmt.Errorf("%q is no number of rows; one from 1 to %d is wanted", v, MaxPageRows)
	}
	a.Limit = n
	return nil
}

func joined[W ~string](words []W) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return strings.Join(all, " ")
}

// ParseWhen reads a time ago, such as 15m, or an instant; one without a zone is
// in UTC.
func ParseWhen(s string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(s); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a time ago, such as 15m or 2h, nor an instant, such as 2027-03-04, 2027-03-04T13:00 (UTC) or 2027-03-04T13:00:00+05:00", s)
}
