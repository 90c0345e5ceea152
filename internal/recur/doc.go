// Package recur works out when a release that recurs comes next: a rule of
// cron's five fields in a named zone.
//
// It promises an instant for each wall time that the rule has, and one alone,
// also where clocks change: a wall time that the zone skips happens at the
// first instant after the gap, and one that comes twice happens at the first.
// Wall times that so fall together are one occurrence, under the last one's
// name. So nothing is left out, and nothing comes twice. Of robfig/cron, which
// would skip the one and run the other twice, it uses the reading of the rule
// and the search for the next wall time.
//
// Parse refuses what is no rule of five fields, a zone that IANA does not have,
// a zone within the rule, seconds, `@every` and a rule that no day fits; Named
// refuses a name that is none of the rule's. Next gives the zero time where
// nothing comes before the year 9999. The package reads no clock.
package recur
