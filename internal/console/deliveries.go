package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/ledger"
	"dateline/internal/press"
)

// exportLimit is how long an export may take.
const exportLimit = 30 * time.Minute

// logStore is what the pages of the delivery log read.
type logStore interface {
	Deliveries(ctx context.Context, f press.DeliveryFilter, after press.ID, limit int) (press.DeliveryPage, error)
	EachDelivery(ctx context.Context, f press.DeliveryFilter, after press.ID) iter.Seq2[press.DeliveryRow, error]
	Delivery(ctx context.Context, id press.ID) (press.DeliveryTrail, bool, error)
}

// deliveriesPage is a page of the delivery log.
type deliveriesPage struct {
	Asked    url.Values
	Wrong    ledger.MisaskedWords
	Page     press.DeliveryPage
	Query    string // what was asked, without where the page begins
	Older    string // the address of the next page
	Looking  bool   // nothing was found yet, and there is more to look through
	Releases []string
	MayTake  bool
	First    bool
	Editions []press.Lang
}

func (c *Console) logRoutes(page func(string, access.Right, handler)) {
	page("GET /deliveries", access.Look, c.deliveries)
	page("GET /deliveries.csv", access.Export, c.export("deliveries.csv", "text/csv; charset=utf-8; header=present", ledger.WriteCSV))
	page("GET /deliveries.jsonl", access.Export, c.export("deliveries.jsonl", "application/jsonl", ledger.WriteJSONL))
	page("GET /deliveries/{id}", access.Look, c.delivery)
	page("GET /deliveries/{id}/reports/{report}", access.Look, c.rawReport)
}

// question reads what a query asks of the log. Pages have their own length.
func (c *Console) question(r *http.Request) (ledger.Question, url.Values, error) {
	asked := r.URL.Query()
	for word, values := range asked {
		if strings.TrimSpace(strings.Join(values, "")) == "" {
			delete(asked, word)
		}
	}
	q, err := ledger.Ask(asked, c.Now(), c.Office().Desk.Keys.AddressKey)
	return q, asked, err
}

func (c *Console) deliveries(w http.ResponseWriter, r *http.Request, by access.Person) error {
	q, asked, err := c.question(r)
	p := deliveriesPage{Asked: asked, MayTake: by.May(access.Export), First: q.After == press.ID{}}
	for _, rel := range c.Board.Look().Releases {
		p.Releases = append([]string{rel.Approval.Release}, p.Releases...)
	}
	status := http.StatusOK
	if err != nil {
		if !errors.As(err, &p.Wrong) {
			return err
		}
		status = http.StatusUnprocessableEntity
	} else {
		if p.Page, err = c.Store.Deliveries(r.Context(), q.Filter, q.After, q.Limit); err != nil {
			return err
		}
		asked.Del("after")
		p.Query = asked.Encode()
		if p.Page.More {
			asked.Set("after", p.Page.Next.String())
			p.Older = "/deliveries?" + asked.Encode()
			asked.Del("after")
		}
		p.Looking = p.Page.More && len(p.Page.Rows) == 0
	}
	c.show(w, r, by, status, "deliveries", "Deliveries", p)
	return nil
}

// Is tells whether a word was asked with a value.
func (p deliveriesPage) Is(word, value string) bool {
	for _, v := range p.Asked[word] {
		if v == value {
			return true
		}
	}
	return false
}

// Reasons are those that a filter may name.
func (deliveriesPage) Reasons() []press.Reason { return press.Reasons() }

// export streams what a filter picks, all of it. What goes wrong under way breaks
// the answer off, so that nobody takes half a list for the whole.
func (c *Console) export(name, kind string, write func(w io.Writer, rows ledger.Deliveries, personal bool) (int, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, by access.Person) error {
		q, asked, err := c.question(r)
		if err != nil {
			return faultOf(http.StatusUnprocessableEntity, "The filter cannot be understood.", err.Error())
		}
		asked.Del("after")
		if err := c.Door.Act(r.Context(), by, "export", name, asked.Encode(), c.Now()); err != nil {
			return err
		}
		_ = http.NewResponseController(w).SetWriteDeadline(c.Now().Add(exportLimit))
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		if n, err := write(w, c.Store.EachDelivery(r.Context(), q.Filter, q.After), true); err != nil {
			c.Log.Error("an export broke off", "rows", n, "error", err)
			panic(http.ErrAbortHandler) // the connection ends before its end mark
		}
		return nil
	}
}

// deliveryPage is one copy with its whole trail.
type deliveryPage struct {
	press.DeliveryTrail
	Raw map[int]bool // reports whose mail is held
}

func (c *Console) trail(r *http.Request) (press.DeliveryTrail, error) {
	id, err := press.ParseID(r.PathValue("id"))
	if err != nil {
		return press.DeliveryTrail{}, faultOf(http.StatusNotFound, "There is no such delivery.", "The log leads to all there are.")
	}
	t, ok, err := c.Store.Delivery(r.Context(), id)
	if err == nil && !ok {
		err = faultOf(http.StatusNotFound, "There is no delivery "+id.String()+".", "The log leads to all there are.")
	}
	return t, err
}

func (c *Console) delivery(w http.ResponseWriter, r *http.Request, by access.Person) error {
	t, err := c.trail(r)
	if err != nil {
		return err
	}
	p := deliveryPage{DeliveryTrail: t, Raw: map[int]bool{}}
	for i, report := range t.Reports {
		p.Raw[i] = len(report.Raw) > 0
	}
	c.show(w, r, by, http.StatusOK, "delivery", "Delivery to "+string(t.Delivery.Address), p)
	return nil
}

// rawReport is a report as it came: text, whatever it says that it is.
func (c *Console) rawReport(w http.ResponseWriter, r *http.Request, _ access.Person) error {
	t, err := c.trail(r)
	if err != nil {
		return err
	}
	for _, report := range t.Reports {
		if report.ID.String() == r.PathValue("report") && len(report.Raw) > 0 {
			writeRaw(w, report.Raw)
			return nil
		}
	}
	return faultOf(http.StatusNotFound, "The report's mail is not held.", "It may have been erased by the retention, or the relay refused in the dialogue and wrote none.")
}

// writeRaw shows what a stranger sent as text that does nothing.
func writeRaw(w http.ResponseWriter, raw []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	w.Header().Set("Content-Length", fmt.Sprint(len(raw)))
	_, _ = w.Write(raw) // whoever went away does not want it
}
