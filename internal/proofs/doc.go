// Package proofs makes the pages on which a release is looked at before it leaves,
// for those who write it.
//
// Files gives every copy of a release and a page to look at them, as files
// that need nothing but a browser: they run no script of a mail, load nothing
// from the network, and can be read without JavaScript, which only filters. Each
// mail is shown at the width of a phone and of a desktop, in light and in dark
// whatever the browser is set to.
//
// Live serves the same page, and pages that are open follow what Show and
// Fail are told: proofs, or what is wrong, above the last proofs that were right.
// The text may be under embargo, and there is no password: it answers only to the
// names of the address that it listens at, so that no page of elsewhere can read
// it by a name of its own, and lets no other page frame it. It sets no cookie.
//
// # How they can fail
//
// A message whose header or parts cannot be read is an error with its copy's
// name. Another host gives 421, a file that is not there 404, another method than
// GET or HEAD 405. Who waits for a change is let go with the request's context.
package proofs
