// Package console is the operators' console: what is out, what is not, and why.
//
// # What it promises
//
// Every page is whole as the server writes it and can be read, and acted upon,
// without JavaScript. With it, pages follow what happens: one stream of events
// (/live) says that there is something new, and the parts of a page that are
// marked for it are fetched again. Whoever looks waits for no count: pages show
// what the board had at hand, and say of when that is.
//
// Lists of people and of what comes back are read in pages that have a budget:
// each answers at once, whatever is asked for, and says how far it has looked.
// Addresses stand in lists only for who may export. Where nothing is known of a
// mailbox but its hash, the page says so. What strangers wrote cannot turn the
// direction of what stands behind it: such characters are shown by their number.
//
// Nothing is shown to somebody who is not signed in, and nothing is done by
// somebody without the right to it. Each act on a release is asked for once more,
// by typing its name, is done under the name of the person, and leaves a trail.
// A page of elsewhere can do nothing here: forms are taken from our own pages
// alone, pages are framed by nobody, run no script but ours and load nothing from
// elsewhere. What strangers wrote (names, replies, reports, mails) is text, and
// never more; mails are shown in frames that run and load nothing.
//
// # How it can fail
//
// Who is not signed in is sent to sign in, and comes back to the page that was
// asked for; a form that came too late for its session is answered so, and has
// done nothing. A missing right gives 403, what is not there 404, a form from
// elsewhere 403, one that is wrong 422 with what would be right, too many who
// watch 503 with a word about when to come back (the page then asks now and
// again), a store that does not answer 503, and nothing has changed.
package console
