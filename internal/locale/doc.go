// Package locale says things in the language and on the clock of the person
// who reads them: the phrases of a release, dates and spans of dates, times,
// numbers, zones. What a language says stands in its phrase file
// (templates/phrases), not in code: months in the form that a date wants, the
// shape of each kind of date, ordinal endings where the language has them, the
// marks and digits of numbers, the names of cities.
//
// It also picks the edition that a contact gets (Choose) and the zone that a
// contact lives by (ContactZone), each with a reason or an answer that says
// that it does not know. Nothing is guessed: between languages there are only
// the chains that the team has configured, and a country has a zone only where
// zone1970.tab gives it a single one.
//
// # What can fail
//
// ParseLanguage refuses, with every fault at its line and column: what package
// yamlfile refuses; unknown and missing keys; a phrase with a placeholder that
// it does not know, or without one that it needs; braces that are no
// placeholder; a tag that is no canonical BCP 47 tag or is not the file's
// name; a list of months that has not twelve; a day that no month has; an
// incomplete table of ordinal endings; marks of numbers that are not one
// character each, and digits that are not the ten of one script; a zone that
// IANA does not have. Phrase refuses an unknown key and
// arguments that are not exactly the phrase's placeholders. Everything else
// always gives an answer: a language that was parsed is complete.
//
// The package reads no clock and no file. The zone database and zone1970.tab
// (both in the public domain) are part of the program, so that every machine
// knows the same zones.
package locale
