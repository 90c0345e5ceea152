// Package webpage is what all pages of Dateline have in common: the look of those
// that journalists and writers see, forms read within bounds, the names and the
// network that a request comes by, and the hashes of a content security policy.
//
// A form that is too large, of another kind or not whole is ErrForm.
package webpage
