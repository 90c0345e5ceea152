package ledger_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// lengthKey stands for the keyed hash: the test knows it.
func lengthKey(a press.Address) press.AddressKey { return press.AddressKey{byte(len(a))} }

func TestAQuestionIsReadFromWords(t *testing.T) {
	id := "01936b2e-7c1a-7000-8000-0123456789ab"
	after, err := press.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		words map[string][]string
		want  ledger.Question
	}{
		"nothing":            {nil, ledger.Question{Limit: ledger.PageRows}},
		"a form left empty":  {map[string][]string{"release": {""}, "state": {"", " "}, "since": {""}, "limit": {""}}, ledger.Question{Limit: ledger.PageRows}},
		"all in capitals":    {map[string][]string{"country": {"uz"}, "edition": {"UZ-cyrl"}}, ledger.Question{Filter: press.DeliveryFilter{Country: "UZ", Edition: "uz-Cyrl"}, Limit: ledger.PageRows}},
		"several states":     {map[string][]string{"state": {"bounced", "rejected", "bounced"}}, ledger.Question{Filter: press.DeliveryFilter{States: []press.State{press.Bounced, press.Rejected}}, Limit: ledger.PageRows}},
		"a class":            {map[string][]string{"reason": {"hard"}}, ledger.Question{Filter: press.DeliveryFilter{Class: press.Hard}, Limit: ledger.PageRows}},
		"names as they are":  {map[string][]string{"release": {" tashkent "}, "outlet": {"=cmd|'x'"}, "text": {`<b>"Ольга"</b> %_*`}}, ledger.Question{Filter: press.DeliveryFilter{Release: "tashkent", Outlet: "=cmd|'x'", Text: `<b>"Ольга"</b> %_*`}, Limit: ledger.PageRows}},
		"an address":         {map[string][]string{"address": {"ab@x.example"}}, ledger.Question{Filter: press.DeliveryFilter{Mailbox: press.AddressKey{12}}, Limit: ledger.PageRows}},
		"a span and a place": {map[string][]string{"since": {"2h"}, "until": {"2027-03-04T17:30:00+05:00"}, "after": {id}, "limit": {"7"}, "reason": {"userunknown"}}, ledger.Question{Filter: press.DeliveryFilter{Since: now.Add(-2 * time.Hour), Until: now.Add(-30 * time.Minute), Reason: press.ReasonUserUnknown}, After: after, Limit: 7}},
		"days, in UTC":       {map[string][]string{"since": {"2027-03-01"}, "until": {"2027-03-02T10:30"}}, ledger.Question{Filter: press.DeliveryFilter{Since: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2027, 3, 2, 10, 30, 0, 0, time.UTC)}, Limit: ledger.PageRows}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ledger.Ask(c.words, now, lengthKey)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

// Everything that is wrong is told at once, each with the word that it is wrong of.
func TestAQuestionThatMeansNothing(t *testing.T) {
	words := map[string][]string{
		"release": {"a", "b"}, "country": {"Uzbekistan"}, "edition": {"klingon!"}, "state": {"accepted", "lost"}, "reason": {"because"}, "address": {"nobody"},
		"text": {"a\nb"}, "outlet": {strings.Repeat("ў", 201)}, "since": {"2h"}, "until": {"3h"}, "after": {"'; DROP TABLE deliveries"}, "limit": {"0"}, "colour": {"red"},
	}
	_, err := ledger.Ask(words, now, lengthKey)
	var wrong ledger.MisaskedWords
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	told := map[string]string{}
	for _, m := range wrong {
		told[m.Word] = m.What
	}
	for word, what := range map[string]string{
		"release": "more than once", "country": "ISO 3166-1", "edition": "no language", "state": `"lost" is no state`, "reason": "no reason", "address": "has no @", "text": "control character",
		"outlet": "longer than 200", "until": "not later", "after": "no id", "limit": "from 1 to 1000", "colour": "address after country edition limit outlet",
	} {
		if !strings.Contains(told[word], what) {
			t.Errorf("of %s it says %q, want …%s…", word, told[word], what)
		}
	}
	if len(wrong) != 12 || strings.Count(err.Error(), "\n") != 11 {
		t.Errorf("it tells %d things:\n%v", len(wrong), err)
	}
}

func FuzzAsk(f *testing.F) {
	f.Add("text", "\xff\xfe", "since", "999999h")
	f.Add("until", "0001-01-01", "state", "accepted")
	f.Add("after", "01936b2e-7c1a-7000-8000-0123456789ab", "limit", "1e9")
	f.Fuzz(func(t *testing.T, word, value, other, another string) {
		q, err := ledger.Ask(map[string][]string{word: {value}, other: {another}}, now, lengthKey)
		var wrong ledger.MisaskedWords
		switch {
		case err != nil && (!errors.As(err, &wrong) || len(wrong) == 0):
			t.Errorf("the error is %v", err)
		case err == nil && (q.Limit < 1 || q.Limit > ledger.MaxPageRows || strings.ContainsAny(q.Filter.Text, "\x00\n") || strings.ToValidUTF8(q.Filter.Text, "") != q.Filter.Text):
			t.Errorf("the question is %+v", q)
		}
	})
}
