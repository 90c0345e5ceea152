// Package cli is the command line: it reads flags, wires the adapters to the
// use cases, and shows results as tables or, with --json, as JSON.
//
// It promises these exit codes: 0 done; 1 failed, with the reason on standard
// error; 2 misuse of a command; 3, from plan alone, there is something to
// approve. Standard output carries results only, so that it can be piped.
package cli
