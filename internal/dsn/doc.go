// Package dsn reads what comes back: a message or a provider's event in, reports
// out. It is pure: no store, no network, no clock.
//
// Read understands, in this order, feedback reports (RFC 5965), delivery status
// notifications (RFC 3464, and RFC 6533 for addresses beyond ASCII), disposition
// notifications (RFC 8098), automatic answers (RFC 3834 and the habits of the
// systems that know no RFC), and the free text of bounces that follow no
// standard, in the languages that they are written in. The events of SES,
// SendGrid, Postmark and Mailgun end as the same reports.
//
// It promises one report for each recipient that is reported, and at least one
// for every message that can be read: of kind other, where nothing can be made
// of it. Texts are valid UTF-8, one line, and bounded. A bounce is hard only if
// its words or its status say that the address is dead, and the refusal came at
// a moment when servers speak of addresses: "user unknown" after the content was
// sent is a filter's excuse. When in doubt it is soft. Reasons come from one
// ordered table (rules.go, and the folder phrases); no rule knows a message.
//
// What was signed is not checked here, a token is not either, and whoever sent
// the message chose every word of it: a report is a claim.
//
// Read fails only with an Unreadable: the input is empty, has no header, is
// larger than what is read of a provider, or is no JSON of the shape that the
// provider documents. A message of more than 10 MiB is read up to its first
// MiB; nesting beyond 10 levels and parts beyond 100 are left unread.
package dsn
