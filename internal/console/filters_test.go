package console

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"dateline/internal/press"
)

// A list's page leads to the next one with all that was asked for, and adds up
// how far it has looked.
func TestPager(t *testing.T) {
	for query, want := range map[string]struct {
		page press.Page[int, press.ID]
		pager
	}{
		"?country=UZ&q=a%26b": {press.Page[int, press.ID]{Rows: []int{1}}, pager{What: "rows"}},
		"?country=UZ&q=a%26b&x=y&after=" + press.ID{1}.String(): {
			press.Page[int, press.ID]{Rows: []int{1}, More: true, Next: press.ID{2}},
			pager{What: "rows", First: "/list?country=UZ&q=a%26b", More: "/list?after=" + press.ID{2}.String() + "&country=UZ&q=a%26b"},
		},
		"?looked=500": {
			press.Page[int, press.ID]{More: true, Next: press.ID{2}, Looked: 70},
			pager{What: "rows", More: "/list?after=" + press.ID{2}.String() + "&looked=570", Looked: 570, None: true},
		},
		"?looked=-9": {
			press.Page[int, press.ID]{More: true, Next: press.ID{2}, Looked: 70},
			pager{What: "rows", More: "/list?after=" + press.ID{2}.String() + "&looked=70", Looked: 70, None: true},
		},
		"?looked=%3Cb%3E": {
			press.Page[int, press.ID]{Rows: []int{1}, More: true, Next: press.ID{2}, Looked: 70},
			pager{What: "rows", More: "/list?after=" + press.ID{2}.String() + "&looked=70", Looked: 70},
		},
	} {
		q := filtersOf(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/list"+query, nil))
		q.search("q", "Text")
		q.country()
		got := pagerOf(q, "rows", want.page, press.ID.String)
		if got != want.pager || got.GoesOn() != (want.None && want.More != "") {
			t.Errorf("%s: %+v, want %+v", query, got, want.pager)
		}
	}
}
