package config

import (
	"regexp"
	"strconv"
	"time"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// retentionKeys are how long what is personal is kept.
func retentionKeys() []key[press.Retention] {
	return []key[press.Retention]{
		{"mails", "a span such as `90d`, `6mo` or `2y`", "for ever", "Bounces, replies and other mail that came in, and what it says of a person. The results stay.", func(r *reader, n yamlfile.Node, p *press.Retention) {
			set(&p.Mails, n, r.longSpan)
		}},
		{"ledger", "a span such as `90d`, `6mo` or `2y`", "for ever", "The names and addresses in the delivery log, once a copy is settled. The copies stay, without the person, and the links in them go on working.", func(r *reader, n yamlfile.Node, p *press.Retention) {
			set(&p.Ledger, n, r.longSpan)
		}},
	}
}

var spanForm = regexp.MustCompile(`^([1-9][0-9]{0,3})(d|w|mo|y)$`)

// longSpan reads days, weeks, months of 30 days or years of 365; a month at
// least, for what is on its way must not lose its person.
func (r *reader) longSpan(n yamlfile.Node) (time.Duration, bool) {
	const day = 24 * time.Hour
	s, ok := r.line(n)
	if !ok {
		return 0, false
	}
	parts := spanForm.FindStringSubmatch(s)
	if parts == nil {
		n.Fault("`"+shown(s)+"` is no span of days", "a whole number with d, w, mo or y is wanted, such as 90d or 2y")
		return 0, false
	}
	number, err := strconv.Atoi(parts[1])
	span := time.Duration(number) * map[string]time.Duration{"d": day, "w": 7 * day, "mo": 30 * day, "y": 365 * day}[parts[2]]
	if err != nil || span < 30*day || span > 100*365*day {
		n.Fault("`"+shown(s)+"` is too short or too long", "from 30d to 100y are wanted")
		return 0, false
	}
	return span, true
}
