// Package ninjs writes one edition of a release as a ninjs 3.2 document, IPTC's
// JSON for news, so that a newsroom's system can take in the story without
// anybody copying it out of a mail. 3.2 is the newest version that IPTC approved.
//
// It promises:
//
//   - The same Input gives the same bytes: UTF-8, two spaces a level, one final
//     newline, properties in one order, no clock. Of <, > and & none is escaped,
//     and what is no UTF-8 is written as U+FFFD.
//   - The uri is a tag (RFC 4151), tag:DOMAIN,YEAR:SLUG:LANG, of the sender's
//     domain and the year, in UTC, in which the story was first made. It is the
//     same for every version, which an urn:newsml (RFC 3085) is not: that has
//     the version within.
//   - A story with an embargo has embargoedUntil, with the offset of the lift's
//     own zone, and stays usable. IPTC's withheld means until further notice: a
//     newsroom's system would wait for another version, and none comes at the
//     lift. It is for a release that is on hold.
//   - A canceled document holds nothing of the story, neither headline nor text:
//     whoever is told to throw it away must not get it once more. It has the uri
//     of what it cancels, a higher version, and the notice's words as edNote.
//   - The sender and the media contacts stand in infoSources, as those who
//     supplied the content, each with contactInfo; organisations and people are
//     for what a story is about. Background papers are associations that have
//     their address in a rendition, since a uri must not be an external link.
//
// Make fails, with all faults at once, where the release is itself a notice of a
// kill or a moved embargo (the document is made of the release that it is about),
// where slug, language, sender or an address make no uri, where the embargo is
// open, where headline or text is missing or the HTML is a whole page, where there
// is no such status, and where version or instants cannot be.
package ninjs
