// Package unsubscribe makes the pages that a journalist reaches by the link in a
// mail. They stand on a listener of their own, the only one that the public must
// reach.
//
// # What the links promise
//
// A GET or HEAD shows a page and changes nothing, for scanners open every link.
// A POST of `List-Unsubscribe=One-Click` (RFC 8058), in either encoding of
// forms, opts out at once, of the organisation that sent the mail, and is
// answered in one line, without a cookie or a redirect. The page's own forms
// ask for more: see package optout. Pages are in the language of the copy that
// the link came with, or in another that the visitor chooses; they work without
// JavaScript, and load nothing from anywhere.
//
// Whoever has the link may do all this, and nobody else: there is no sign-in.
// So the link is kept from others: pages send no referrer, are not cached, not
// framed and not indexed, and no log has a token.
//
// # How they can fail
//
// A token that is none of ours gives 404 and says what to do instead, the same
// for every such token. More requests than are allowed for one link, or for one
// network (a /24 of IPv4, a /56 of IPv6), give 429; one click has a limit by
// its link alone, for the providers that press it come from few networks. A
// form that is too large gives 413, and none gives 400. Where the store does not answer
// it is 503, and nothing has changed.
package unsubscribe
