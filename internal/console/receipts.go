package console

import (
	"bytes"
	"net/http"
	"strings"

	"dateline/internal/access"
	"dateline/internal/ledger"
	"dateline/internal/receipt"
	"dateline/internal/receipt/receiptpage"
	"dateline/internal/webpage"
)

func (c *Console) receiptRoutes(page func(string, access.Right, handler)) {
	page("GET /releases/{slug}/receipt", access.Look, c.askReceipt)
	page("GET /releases/{slug}/receipt.html", access.Look, c.receipt)
}

// receiptPolicy lets the receipt's own style through, and nothing else.
func receiptPolicy() string {
	return "default-src 'none'; style-src '" + webpage.Hash(receiptpage.Style()) + "'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}

// receiptPage asks what a receipt is to tell.
type receiptPage struct {
	Slug, Headline string
	MayTake        bool
	Wrong          string
	HeldAt         string
}

func (c *Console) askReceipt(w http.ResponseWriter, r *http.Request, by access.Person) error {
	p, err := c.releasePage(r, by)
	if err != nil {
		return err
	}
	if p.State == nil {
		return faultOf(http.StatusNotFound, "Nothing of "+p.Slug+" was approved, so there is no receipt.", "Its page says what it would send.")
	}
	c.show(w, r, by, http.StatusOK, "receipt", "Receipt of "+p.Slug, receiptPage{Slug: p.Slug, Headline: p.Headline, MayTake: by.May(access.Export)})
	return nil
}

// receipt is the page to print or attach.
func (c *Console) receipt(w http.ResponseWriter, r *http.Request, by access.Person) error {
	q := r.URL.Query()
	ask := receipt.Ask{Release: r.PathValue("slug"), Verify: q.Get("verify") != "", All: q.Get("verify") == "all", Addresses: q.Get("addresses") != ""}
	if ask.Addresses && !by.May(access.Export) {
		return faultOf(http.StatusForbidden, "Addresses want the right to export.", "Ask for the receipt without them.")
	}
	if at := strings.TrimSpace(q.Get("held_at")); at != "" {
		when, err := ledger.ParseWhen(at, c.Now())
		if err == nil && when.After(c.Now()) {
			err = faultOf(http.StatusUnprocessableEntity, "That is yet to come.", "")
		}
		if err != nil {
			return faultOf(http.StatusUnprocessableEntity, "Who held a copy at “"+at+"” cannot be told: "+err.Error(), "An instant that has passed is wanted, such as 2027-03-04T13:00:00Z or 15m, for a quarter of an hour ago.")
		}
		ask.HeldAt = when
	}
	drawn, err := receipt.Draw(r.Context(), c.Store, c.Office().Desk.Keys, ask, c.Now())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := receiptpage.Page(&b, drawn); err != nil {
		return err
	}
	if err := c.Door.Act(r.Context(), by, "receipt", ask.Release, r.URL.RawQuery, c.Now()); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", receiptPolicy())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // whoever went away does not want it
	return nil
}
