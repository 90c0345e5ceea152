// Package notify makes of an alarm what goes out: a call of a webhook, and a
// mail to an operator.
//
// A call is a POST of one JSON object, signed where there is a key: the header
// Dateline-Signature is `t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of
// `SECONDS.BODY`. It promises that a call is over within its time, that no
// redirect is followed and no proxy asked, that nothing of an answer but its
// status is kept, and that no call goes to where a machine's own credentials are
// had (link-local and metadata addresses), whatever a name resolves to. A call
// fails where the server cannot be reached, TLS does not stand, no answer comes
// in time or it is other than 2xx; the error shows the host at most, since the
// path may be a secret.
//
// A mail holds what the alarm says, and ids: no text of a release, and no address
// but the operator's and the sender's. Making one fails where an address is none
// that a header can have.
package notify
