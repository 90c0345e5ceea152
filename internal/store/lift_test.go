package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

func (h house) accepted(slug string) []press.AcceptedPart {
	h.t.Helper()
	var parts []press.AcceptedPart
	h.must(h.Accepted(h.ctx(), slug, func(p press.AcceptedPart) { parts = append(parts, p) }))
	slices.SortFunc(parts, func(a, b press.AcceptedPart) int {
		return strings.Compare(a.Send+string(a.Country)+string(a.Edition)+a.First.String(), b.Send+string(b.Country)+string(b.Edition)+b.First.String())
	})
	return parts
}

func TestWhatWasAcceptedAndWhen(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		if got := h.accepted("tashkent"); len(got) != 0 {
			t.Errorf("of a release that is not there: %v", got)
		}
		old := h.approve("tashkent", copyTo("z@paper.example"))
		h.claim(berta, 10)
		h.record(berta, nil, h.of(old, "z@paper.example"))
		h.record(berta, []press.Result{result(h.of(old, "z@paper.example"), press.Accepted)})
		h.approve("other", copyTo("a@paper.example"))
		a := h.approve("tashkent", copyTo("a@paper.example"), copyTo("b@paper.example"), copyTo("c@paper.example", in("AT", "de")), copyTo("d@paper.example", in("AT", "de")), copyTo("e@paper.example"))
		h.stage("tashkent", copyTo("f@paper.example"))
		ds := h.claim(berta, 10)
		h.record(berta, nil, ids(ds)...)
		late := func(name string, s press.State, d time.Duration) press.Result {
			r := result(h.of(a, name+"@paper.example"), s)
			r.Outcome.At = noon.Add(d)
			return r
		}
		unknown := late("e", press.Unknown, time.Second)
		unknown.Outcome.Code = 0
		h.record(berta, []press.Result{
			late("a", press.Accepted, 5*time.Microsecond), late("b", press.Accepted, 999999*time.Microsecond),
			late("c", press.Accepted, 2*time.Second), late("d", press.Rejected, time.Second), unknown,
		})
		// A person's word has no instant that is the relay's.
		_, err := h.Heed(h.ctx(), press.Pick{IDs: []press.ID{unknown.Delivery}}, press.Word{State: press.Accepted, By: "Olim", Why: "they said so"}, noon.Add(time.Hour))
		h.must(err)
		want := []press.AcceptedPart{
			{Send: "general", Country: "AT", Edition: "de", N: 1, First: noon.Add(2 * time.Second), Last: noon.Add(2 * time.Second)},
			{Send: "general", Country: "UZ", Edition: "ru", N: 3, First: noon, Last: noon.Add(999999 * time.Microsecond)},
		}
		if got := h.accepted("tashkent"); !slices.Equal(got, want) {
			t.Errorf("accepted\n%v\nwant\n%v", got, want)
		}
	})
}
