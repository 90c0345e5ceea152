// Package cli is the command line: it reads flags, wires the adapters to the
// use cases, and shows results as tables or, with --json, as JSON.
//
// It promises these exit codes: 0 done; 1 failed, with the reason on standard
// error; 2 misuse of a command; 3, from plan and notice, there is something to
// approve. Standard output carries results only, so that it can be piped.
//
// A command stands in the file of its name; run holds them all. serve is the
// daemon: watch follows its config folder, doors are the addresses it listens
// at, lookout looks at it from beside.
package cli
