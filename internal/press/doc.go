// Package press holds the words of the trade: outlets, contacts, lists,
// releases, editions, embargoes, sends, deliveries and the states they pass
// through, as docs/delivery-states.md draws them.
//
// It promises that a value it parsed is valid: a Lang is a canonical BCP 47
// tag, a Country an ISO 3166-1 code in use, an Address fit for RFC 5321 or
// RFC 6531, a Moment an instant that its zone really has, once. Everything it
// refuses it refuses with a *Fault or an error that says what would be right.
// It reads no clock, no file and no network; instants are values, in UTC
// microseconds, with the IANA zone's name beside them.
package press
