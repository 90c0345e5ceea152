// Package sampleconfig is the config folder that ships: a press release on a
// real conference, in eight languages, with lists and contacts that are made
// up. It is there to be read, planned, rehearsed and copied.
//
// It promises that every address in it lies at a domain that RFC 2606 and RFC
// 6761 keep for examples, so that no mail from it reaches anybody, and that
// its editions say the same. It cannot fail; its tests hold it to that.
package sampleconfig

import "embed"

// Files is the folder as it ships: dateline.yaml, lists.yaml, releases and
// contacts.
//
//go:embed dateline.yaml lists.yaml holidays.yaml releases contacts
var Files embed.FS
