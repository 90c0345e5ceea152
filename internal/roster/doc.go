// Package roster keeps the contacts: it imports them from files and lists them.
//
// It promises that a file with a fault changes nothing, unless the caller asks
// for the good rows only; that no import overwrites a known value with an empty
// one or makes a second contact for a known address; and that memory does not
// grow with the file. It fails with press.Faults, each with its line and
// column, or when the file cannot be read or the store does not answer. An
// import that the store breaks off may have written earlier batches; importing
// the same file again completes it.
package roster
