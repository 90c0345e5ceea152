// Package yamlfile reads the strict part of YAML 1.2 that Dateline's files are
// written in, and finds every fault in one run, each with line and column.
//
//	root, _ := yamlfile.Parse("dateline.yaml", text)
//	top := root.Map("store", "relays")           // any other key is a fault
//	store := top.Need("store").Line()            // a missing key is a fault
//	for _, relay := range top.Get("relays").List() {
//		port := relay.Map("port").Get("port").Int(1, 65535)
//	}
//	return root.Faults().OrNil()                 // of the parsing and of all the reading
//
// # What it promises
//
// Reading never stops at a fault: a reader that finds one notes it and gives
// the zero value. A key that is not there gives an absent node, whose readers
// say nothing and give zero values; Need has said so already. A scalar is read
// as it is written: 2022-03-04, 587, 1.10, NO and +998 are text until Int or
// Bool is asked. Lines and columns count from 1, columns in characters.
//
// # What is refused
//
// Refused while parsing: text that is not UTF-8, is larger than MaxSize, is
// nested deeper than MaxDepth or has more keys than MaxKeys; control characters; marks that override the
// direction of text; what is no YAML (then nothing else can be read); a second
// document; doubled keys, of which the first counts; keys that are no scalars;
// anchors, aliases, merge keys, tags and directives.
//
// Refused while reading: an unknown or missing key; a mapping, a list or
// nothing at all where a scalar is wanted, and the like; a number out of its
// range; a bool that is neither true nor false; a duration that Go's
// time.ParseDuration does not read, or a negative one; a line break in what
// must be one line; control characters and direction marks that came in by an
// escape.
package yamlfile
