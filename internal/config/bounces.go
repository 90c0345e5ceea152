package config

import (
	"strconv"
	"strings"
	"time"

	"dateline/internal/yamlfile"
)

// bouncesKeys are the choices about what comes back.
func bouncesKeys() []key[Bounces] {
	return []key[Bounces]{
		{"soft_count", "a whole number from 2 to 100", "`5`", "So many soft bounces, with no copy between that arrived, and a mailbox is suppressed.", func(_ *reader, n yamlfile.Node, b *Bounces) {
			set(&b.SoftCount, n, between(2, 100))
		}},
		{"soft_days", "a whole number from 1 to 365", "`14`", "And so many days must lie between the first of them and the last.", func(_ *reader, n yamlfile.Node, b *Bounces) {
			if days, ok := whole(365)(n); ok {
				b.SoftSpan = time.Duration(days) * 24 * time.Hour
			}
		}},
		{"alarm_share", "a percentage", "`10%`", "Where a domain refuses this part of a release for reasons of our sending, the operator is told. Nobody is suppressed for it.", func(r *reader, n yamlfile.Node, b *Bounces) {
			set(&b.AlarmShare, n, r.percentage)
		}},
		{"delivery_reports", "`true` or `false`", "`false`", "Whether relays are asked to report each copy that reached its mailbox, too (NOTIFY=SUCCESS, RFC 3461). Where the other side does so, that is one more mail for each copy.", func(_ *reader, n yamlfile.Node, b *Bounces) {
			set(&b.DeliveryReports, n, yesOrNo)
		}},
	}
}

// percentage reads a part of a whole, above nothing.
func (r *reader) percentage(n yamlfile.Node) (float64, bool) {
	s, ok := r.line(n)
	if !ok {
		return 0, false
	}
	number, is := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !is || err != nil || !(v > 0 && v <= 100) { // not a number is neither
		n.Fault("`"+shown(s)+"` is no percentage", "a number above 0 and up to 100 with a % is wanted, such as 10%")
		return 0, false
	}
	return v / 100, true
}
