// Package store keeps everything that must outlive a process: contacts,
// approvals with what they froze, the deliveries and their trail, suppressions.
// It holds all SQL, for SQLite and PostgreSQL alike.
//
// It promises that each method is one transaction (the staged ones, Import and
// Stage, one per batch): when it returns nil, what it did is on disk; when it
// returns an error, nothing of it is. Approved deliveries become visible all
// at once. No delivery passes from a state to one that press.State.Next does
// not list. No address gets a second copy of a send: within an approval the
// database itself refuses it, over several Record does.
//
// It fails when the database cannot be opened (a missing folder, no right to
// write, a full disk, no server), when it was begun with another keyring, when
// its schema is newer than this program, when SQLite stays locked for longer
// than ten seconds, or when the connection breaks; the error says which, and
// never shows the URL's password.
//
// Where to find what, in the order of a release's life:
//
//	store, dialect, dialer, prepared, migrate  to open it; what differs between the databases
//	importing, importread, importwrite, merge  contacts come in; person, contactpages are what is read of them
//	staging, approvals                         an approval is written and takes effect
//	claims, record, results                    a daemon takes copies, begins them, writes down what became of them
//	control, changes, beside                   hold, resume and kill, and how daemons hear of them
//	takeover, unknown, sweep                   what a daemon left behind, and what is not sent any more
//	intake, judgement, consequences            what came back, and what follows
//	suppressions, optout, proposals, erase     a person's word
//	reading, lift, deliverylog, page, receipt  what status, console, log and receipt read
//	seals, aged, retention                     the trail vouched for, and taken away when it is old
//	backup, restore, restored, rehearsal       stores beside the store
//	alarms, troubles, daemons, depth           how things stand
package store
