package store_test

import (
	"testing"

	"dateline/internal/press"
)

// asked are texts that would do something where they were made part of a
// statement, or of a pattern, and not handed to it.
var asked = []string{
	`'; DROP TABLE deliveries; --`,
	`" OR "1"="1`,
	`' OR 1=1 --`,
	`') UNION SELECT value, name, 1, 1 FROM settings --`,
	`\'; DELETE FROM suppressions; --`,
	`$1`, `?`, `:release`, `%`, `_`, `\`, `%'`, `a@paper.exampl_`,
	"'\x00'", "\xff';--",
}

// Whatever people, files and the network ask for is handed to the database, and
// run by none: nothing is found that is not so called, and nothing is gone.
func TestNothingThatIsAskedIsRun(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.imports(crowd(3)...)
		h.approve("tashkent", copyTo("a@paper.example"), copyTo("b@paper.example"))
		h.must(h.Suppress(t.Context(), press.AddressKey{9}, "all", "left", "Olim", noon))
		counts := func() [4]int {
			var n [4]int
			for i, table := range []string{"deliveries", "contacts", "suppressions", "settings"} {
				n[i] = get[int](h, `SELECT COUNT(*) FROM `+table)
			}
			return n
		}
		before := counts()
		if p, err := h.Deliveries(t.Context(), press.DeliveryFilter{Release: "tashkent", Text: "PAPER"}, press.ID{}, 100); err != nil || len(p.Rows) != 2 {
			t.Fatalf("what is there is not found: %d rows, %v", len(p.Rows), err)
		}
		for _, text := range asked {
			for name, found := range map[string]func() (int, error){
				"release": func() (int, error) {
					p, err := h.Deliveries(t.Context(), press.DeliveryFilter{Release: text}, press.ID{}, 100)
					return len(p.Rows), err
				},
				"country": func() (int, error) {
					p, err := h.Deliveries(t.Context(), press.DeliveryFilter{Country: press.Country(text)}, press.ID{}, 100)
					return len(p.Rows), err
				},
				"edition": func() (int, error) {
					p, err := h.Deliveries(t.Context(), press.DeliveryFilter{Edition: press.Lang(text)}, press.ID{}, 100)
					return len(p.Rows), err
				},
				"outlet": func() (int, error) {
					p, err := h.Deliveries(t.Context(), press.DeliveryFilter{Outlet: text}, press.ID{}, 100)
					return len(p.Rows), err
				},
				"text": func() (int, error) {
					p, err := h.Deliveries(t.Context(), press.DeliveryFilter{Text: text}, press.ID{}, 100)
					return len(p.Rows), err
				},
				"state": func() (int, error) {
					p, err := h.Deliveries(t.Context(), press.DeliveryFilter{States: []press.State{press.State(text)}}, press.ID{}, 100)
					return len(p.Rows), err
				},
				"contact": func() (int, error) {
					p, err := h.ContactPage(t.Context(), press.ContactFilter{Text: text, Country: press.Country(text)}, press.ID{}, 100)
					return len(p.Rows), err
				},
			} {
				if n, err := found(); n != 0 {
					t.Errorf("%s %q found %d rows, %v", name, text, n, err)
				}
			}
			if _, err := h.Claim(t.Context(), berta, noon, noon, 0); err != nil {
				t.Errorf("after %q: %v", text, err)
			}
			if after := counts(); after != before {
				t.Fatalf("after %q the tables have %v rows; before it was %v", text, after, before)
			}
		}
	})
}
