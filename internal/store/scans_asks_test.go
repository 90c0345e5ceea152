package store_test

import (
	"context"
	"time"

	"dateline/internal/press"
)

// coming are the calls of what comes in: contacts, reports, people's words.
func (x someone) coming() []ask {
	key := ring.AddressKey
	return []ask{
		{"ContactByID", func(ctx context.Context) error { return only2(x.ContactByID(ctx, x.contact)) }},
		{"ContactOf", func(ctx context.Context) error { return only2(x.ContactOf(ctx, "p77@paper.example")) }},
		{"Dossier", func(ctx context.Context) error {
			return only(x.Dossier(ctx, x.contact, nil, key, x.now))
		}},
		{"Barring", func(ctx context.Context) error {
			return only(x.Barring(ctx, []press.AddressKey{key("p77@paper.example")}))
		}},
		{"Suppress", func(ctx context.Context) error {
			return x.Suppress(ctx, key("p78@paper.example"), "all", "asked", "Olim", x.now)
		}},
		{"Suppressions", func(ctx context.Context) error { return only(x.Suppressions(ctx, "desk", "")) }},
		{"Copied", func(ctx context.Context) error { return only2(x.Copied(ctx, x.row.ID)) }},
		{"Erase", func(ctx context.Context) error {
			return only(x.Erase(ctx, x.contact, nil, key, "Olim", x.now))
		}},
		{"Refusals", func(ctx context.Context) error { return only(x.Refusals(ctx, x.now, 100)) }},
		{"Blocked", func(ctx context.Context) error { return only(x.Blocked(ctx, x.now, 3)) }},
		{"CameBack", func(ctx context.Context) error { return only(x.CameBack(ctx, x.now)) }},
		{"ToDecide", func(ctx context.Context) error { return only(x.ToDecide(ctx)) }},
		{"Quarantine", func(ctx context.Context) error { return only(x.Quarantine(ctx)) }},
		{"Troubles", func(ctx context.Context) error { return only(x.Troubles(ctx, x.now)) }},
		{"Entries", func(ctx context.Context) error { return only2(x.Entries(ctx, press.FirstID(time.Now()))) }},
	}
}

// looking are the calls of the pages and the command line.
func (x someone) looking() []ask {
	log := func(name string, f press.DeliveryFilter) ask {
		return ask{"Deliveries, " + name, func(ctx context.Context) error { return only(x.Deliveries(ctx, f, press.ID{}, 50)) }}
	}
	contacts := func(name string, f press.ContactFilter) ask {
		return ask{"ContactPage, " + name, func(ctx context.Context) error { return only(x.ContactPage(ctx, f, press.ID{}, 50)) }}
	}
	return []ask{
		log("all", press.DeliveryFilter{}),
		log("release", press.DeliveryFilter{Release: "past-7"}),
		log("country", press.DeliveryFilter{Country: "UZ"}),
		log("outlet", press.DeliveryFilter{Outlet: "Outlet 7"}),
		log("bounced", press.DeliveryFilter{States: []press.State{press.Bounced}}),
		log("reason", press.DeliveryFilter{Reason: press.ReasonUserUnknown}),
		log("hard", press.DeliveryFilter{Class: press.Hard}),
		log("address", press.DeliveryFilter{Mailbox: press.AddressKey{15: 9}}),
		log("text", press.DeliveryFilter{Text: "person 777"}),
		log("time", press.DeliveryFilter{Since: noon, Until: noon.Add(time.Hour)}),
		{"Delivery", func(ctx context.Context) error { return only2(x.Delivery(ctx, x.row.ID)) }},
		{"ReleaseHeads", func(ctx context.Context) error { return only(x.ReleaseHeads(ctx, "")) }},
		{"Releases, one", func(ctx context.Context) error { return only(x.Releases(ctx, "past-7")) }},
		{"Log, a release", func(ctx context.Context) error {
			return only(x.Log(ctx, press.LogFilter{Release: "past-7"}))
		}},
		contacts("all", press.ContactFilter{}),
		contacts("country", press.ContactFilter{Country: "KZ"}),
		contacts("outlet", press.ContactFilter{Outlet: x.outlet}),
		contacts("text", press.ContactFilter{Text: "person 777"}),
		{"OutletPage", func(ctx context.Context) error {
			return only(x.OutletPage(ctx, press.OutletFilter{}, press.OutletPlace{}, 50))
		}},
		{"OutletByID", func(ctx context.Context) error { return only2(x.OutletByID(ctx, x.outlet)) }},
		{"ReportPage", func(ctx context.Context) error {
			return only(x.ReportPage(ctx, press.ReportFilter{}, press.ID{}, 50))
		}},
		{"ReportDays", func(ctx context.Context) error {
			return only(x.ReportDays(ctx, press.ReportFilter{Since: noon}))
		}},
		{"SuppressionPage", func(ctx context.Context) error {
			return only(x.SuppressionPage(ctx, press.SuppressionFilter{}, press.Suppression{}, 50))
		}},
		{"ReleaseSpan", func(ctx context.Context) error { return only2(x.ReleaseSpan(ctx, "past-7")) }},
		{"Accepted", func(ctx context.Context) error {
			return x.Accepted(ctx, "past-7", func(press.AcceptedPart) {})
		}},
		{"TestCopies", func(ctx context.Context) error { return only(x.TestCopies(ctx, "past-7")) }},
		{"EarlierHolders", func(ctx context.Context) error {
			return only(x.EarlierHolders(ctx, "past-7", press.ID{1}))
		}},
		{"Unreached", func(ctx context.Context) error { return only(x.Unreached(ctx, "past-7")) }},
		{"Failures", func(ctx context.Context) error { return only(x.Failures(ctx, "past-7")) }},
		{"Unsure", func(ctx context.Context) error { return only(x.Unsure(ctx, "past-7", x.now)) }},
	}
}

// tookAll are copies whose relay took them.
func tookAll(ds []press.Delivery) []press.Result {
	all := make([]press.Result, len(ds))
	for i := range ds {
		all[i] = result(ds[i].ID, press.Accepted)
	}
	return all
}
