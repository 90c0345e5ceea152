// Package backup writes and reads the file that `dateline backup` makes: a tar
// archive with a manifest, the store as its database gave it, and the keys file
// where that was asked for.
//
// It promises that a file which Write made is whole under its name, or not
// there, and that only its owner may read it; and that Open and Extract give
// nothing that is not what was written: the manifest has a SHA-256 of the store
// and of the keys.
//
// Write fails when the file exists already, or cannot be written whole. Open
// fails for what is no backup, breaks off, or was written by a newer program;
// Extract also where the store is not the one that the manifest tells of.
package backup
