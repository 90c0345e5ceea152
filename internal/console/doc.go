// Package console makes web pages: those that a journalist reaches by the link
// in a mail, and the proofs of a release, for those who write it.
//
// # What the links in mail promise
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
// # How those can fail
//
// A token that is none of ours gives 404 and says what to do instead, the same
// for every such token. More requests than are allowed for one link, or for one
// network (a /24 of IPv4, a /56 of IPv6), give 429; one click has a limit by
// its link alone, for the providers that press it come from few networks. A
// form that is too large gives 413, and none gives 400. Where the store does not answer
// it is 503, and nothing has changed.
//
// # What the proofs promise
//
// ProofFiles gives every copy of a release and a page to look at them, as files
// that need nothing but a browser: they run no script of a mail, load nothing
// from the network, and can be read without JavaScript, which only filters. Each
// mail is shown at the width of a phone and of a desktop, in light and in dark
// whatever the browser is set to.
//
// LiveProofs serves the same page, and pages that are open follow what Show and
// Fail are told: proofs, or what is wrong, above the last proofs that were right.
// The text may be under embargo, and there is no password: it answers only to the
// names of the address that it listens at, so that no page of elsewhere can read
// it by a name of its own, and lets no other page frame it. It sets no cookie.
//
// # How the proofs can fail
//
// A message whose header or parts cannot be read is an error with its copy's
// name. Another host gives 421, a file that is not there 404, another method than
// GET or HEAD 405. Who waits for a change is let go with the request's context.
package console
