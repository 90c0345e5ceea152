package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/internal/testenv"
)

// told gathers what PostgreSQL says of the plans that it uses.
type told struct {
	mu    sync.Mutex
	plans []testenv.Plan
}

func (l *told) hear(e *pq.Error) {
	if p, is := testenv.ParsePlan(e.Message); is {
		l.mu.Lock()
		l.plans = append(l.plans, p)
		l.mu.Unlock()
	}
}

// take gives what was heard since the last time.
func (l *told) take() []testenv.Plan {
	l.mu.Lock()
	defer l.mu.Unlock()
	plans := l.plans
	l.plans = nil
	return plans
}

// No method that a daemon, a report or a page calls reads one of the tables that
// grow from end to end: PostgreSQL itself tells how it goes about each statement
// that they ask. `make scale` holds the same against ten million deliveries.
func TestNothingReadsABigTableFromEndToEnd(t *testing.T) {
	t.Parallel()
	url := testenv.Postgres(t)
	h := openHouse(t, url)
	h.fill(20_000)
	l := &told{}
	s, err := store.OpenExplained(t.Context(), url, l.hear)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	x := h.someone(s)
	l.take() // what it took to know them is not what is tested
	for _, c := range x.asks() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.ask(t.Context()); err != nil {
				t.Fatal(err)
			}
			plans := l.take()
			if len(plans) == 0 {
				t.Fatal("PostgreSQL told no plan")
			}
			for _, p := range plans {
				for _, table := range p.Scans() {
					if grows[table] && wholly[c.name] != table {
						t.Errorf("reads all of %s: %s\n%s", table, p.Query, p.Text)
					}
				}
			}
		})
	}
}

// grows are the tables whose rows become more with every release or every import.
// The queue is not among them: it is empty after each lift. Nor are approvals and
// releases: a row for each release, which are thousands in many years.
var grows = map[string]bool{"deliveries": true, "events": true, "reports": true, "report_mails": true, "contacts": true, "addresses": true, "affiliations": true, "suppressions": true}

// wholly are calls that read one table from end to end, since all of it is wanted:
// a plan weighs each contact against all that was said.
var wholly = map[string]string{"Suppressions": "suppressions"}

// fill writes a past of so many contacts, each with copies, a trail and reports.
func (h house) fill(n int) {
	h.t.Helper()
	const id = `decode(lpad(to_hex(%s), 32, '0'), 'hex')`
	for _, statement := range []string{
		`INSERT INTO outlets (id, name, name_key, country, kind, website, zone, agreement_on, agreement_by, updated_us)
			SELECT ` + fmt.Sprintf(id, "i") + `, 'Outlet ' || i, 'outlet ' || i, 'UZ', 'newspaper', '', 'Asia/Tashkent', '', '', 0 FROM generate_series(1, 500) i`,
		`INSERT INTO contacts (id, name, country, zone, languages, beats, tags, legal_basis, source, created_us, updated_us)
			SELECT ` + fmt.Sprintf(id, "i") + `, 'Person ' || i, CASE i % 7 WHEN 0 THEN 'KZ' ELSE 'UZ' END, 'Asia/Tashkent', 'ru uz-Latn', '', '', 'interest', 'fair', 0, 0 FROM generate_series(1, ?) i`,
		`INSERT INTO addresses (address_norm, address, contact_id, preference)
			SELECT 'p' || i || '@paper.example', 'p' || i || '@paper.example', ` + fmt.Sprintf(id, "i") + `, 0 FROM generate_series(1, ?) i`,
		`INSERT INTO affiliations (contact_id, outlet_id, preference) SELECT ` + fmt.Sprintf(id, "i") + `, ` + fmt.Sprintf(id, "1 + i % 500") + `, 0 FROM generate_series(1, ?) i`,
		`INSERT INTO approvals (id, release, digest, said_by, at_us, state, recipients, frozen)
			SELECT ` + fmt.Sprintf(id, "a") + `, 'past-' || a, '', 'Olim', a * 1000000, 'approved', 1000, '\x7b7d' FROM generate_series(1, 1000) a`,
		`INSERT INTO releases (slug, approval_id, sender, topic, held, held_by, held_us, killed, killed_by, killed_us)
			SELECT 'past-' || a, ` + fmt.Sprintf(id, "a") + `, 'desk', '', '', '', 0, '', '', 0 FROM generate_series(1, 1000) a`,
		`INSERT INTO deliveries (id, approval_id, release, send, address_key, contact_id, address, person, outlet, outlet_kind, country, edition, why, zone, due_us, deadline_us, state, attempts, updated_us)
			SELECT ` + fmt.Sprintf(id, "i") + `, ` + fmt.Sprintf(id, "1 + i % 1000") + `, 'past-' || (1 + i % 1000), 'general', ` + fmt.Sprintf(id, "i") + `, ` + fmt.Sprintf(id, "i") + `, 'p' || i || '@paper.example', 'Person ' || i, 'Outlet ' || i % 500, 'newspaper',
			'UZ', 'ru', '', 'Asia/Tashkent', 0, 0, CASE WHEN i % 100 = 0 THEN 'bounced' ELSE 'accepted' END, 1, 0 FROM generate_series(1, ?) i`,
		`INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, said_by)
			SELECT ` + fmt.Sprintf(id, "i") + `, ` + fmt.Sprintf(id, "i") + `, 0, 'sending', CASE WHEN i % 100 = 0 THEN 'bounced' ELSE 'accepted' END, 'main', 'DATA', 250, '', '', 'daemon' FROM generate_series(1, ?) i`,
		`INSERT INTO report_mails (id, mail_key, mailbox, ref, format, to_address, at_us, trouble, raw)
			SELECT ` + fmt.Sprintf(id, "i") + `, ` + fmt.Sprintf(id, "i") + `, 'bounces', i::text, 'dsn', '', 0, '', '\x00' FROM generate_series(1, ?) i`,
		`INSERT INTO reports (id, mail_id, at_us, delivery_id, tie, kind, recipient, domain, action, status, code, class, reason, diagnostic, did)
			SELECT ` + fmt.Sprintf(id, "i") + `, ` + fmt.Sprintf(id, "i") + `, i, ` + fmt.Sprintf(id, "i") + `, 'token', 'bounce', '', 'paper.example', 'failed', '5.1.1', 550, 'hard', 'userunknown', '', '' FROM generate_series(1, ?) i`,
		`INSERT INTO suppressions (address_key, scope, author, reason, said_by, at_us)
			SELECT ` + fmt.Sprintf(id, "1000000 + i") + `, 'all', 'bounce', 'userunknown', 'Dateline', i FROM generate_series(1, ?) i`,
	} {
		var args []any
		for range countOf(statement, '?') {
			args = append(args, n)
		}
		h.must(h.exec(statement, args...))
	}
	h.must(h.exec("ANALYZE"))
}

func countOf(s string, of rune) int {
	n := 0
	for _, r := range s {
		if r == of {
			n++
		}
	}
	return n
}

// someone is whom the asks are about.
type someone struct {
	*store.Store
	h       house
	contact press.ID
	row     press.DeliveryRow
	outlet  press.ID
	daemon  press.ID
	now     time.Time
}

func (h house) someone(s *store.Store) someone {
	h.t.Helper()
	h.approve("lift", copies(50)...)
	page, err := s.Deliveries(h.ctx(), press.DeliveryFilter{States: []press.State{press.Bounced}}, press.ID{}, 1)
	h.must(err)
	if len(page.Rows) == 0 {
		h.t.Fatal("there is no bounced delivery")
	}
	return someone{Store: s, h: h, contact: press.ID{15: 77}, outlet: press.ID{15: 7}, row: page.Rows[0], daemon: berta, now: noon}
}

// ask is a call of the store.
type ask struct {
	name string
	ask  func(context.Context) error
}

// asks are the calls, in the order of a lift, then what is read of it.
func (x someone) asks() []ask {
	return append(x.sending(), append(x.coming(), x.looking()...)...)
}

// only leaves all but the error of what a call gives.
func only[T any](_ T, err error) error { return err }

func only2[T, U any](_ T, _ U, err error) error { return err }

func (x someone) sending() []ask {
	var ds []press.Delivery
	return []ask{
		{"NextDue", func(ctx context.Context) error { return only2(x.NextDue(ctx)) }},
		{"Waiting", func(ctx context.Context) error { return only(x.Waiting(ctx)) }},
		{"Claim", func(ctx context.Context) (err error) {
			ds, err = x.Claim(ctx, x.daemon, x.now, x.now, 20)
			return err
		}},
		{"Gate", func(ctx context.Context) error { return only(x.Gate(ctx, x.daemon, []string{"lift"})) }},
		{"Record, begin", func(ctx context.Context) error {
			return only(x.Record(ctx, x.daemon, nil, begins(ids(ds)...), x.now))
		}},
		{"Record, end", func(ctx context.Context) error {
			return only(x.Record(ctx, x.daemon, tookAll(ds), nil, x.now))
		}},
		{"Sending", func(ctx context.Context) error { return only(x.Sending(ctx, x.daemon)) }},
		{"Sweep", func(ctx context.Context) error { return only(x.Sweep(ctx, x.now)) }},
		{"Depth", func(ctx context.Context) error { return only(x.Depth(ctx, x.now)) }},
		{"TakeOver", func(ctx context.Context) error {
			return only(x.TakeOver(ctx, carla, time.Minute, x.now.Add(time.Hour)))
		}},
		{"Settled", func(ctx context.Context) error { return only(x.Settled(ctx, time.Now())) }},
		{"Stretch", func(ctx context.Context) error {
			return only(x.Stretch(ctx, x.row.ID, time.Now(), 100))
		}},
	}
}
