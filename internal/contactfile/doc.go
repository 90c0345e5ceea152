// Package contactfile turns CSV files into contacts and contacts into CSV.
//
// # What a file looks like
//
// A header line, then a row per contact. The separator is a comma, a semicolon
// or a tab, whichever the header line has most of; quotes are those of RFC
// 4180. The text is UTF-8, with or without a byte order mark. Blank lines and
// rows without any text are passed over.
//
// Columns stand in any order; case, spaces, underscores and hyphens in their
// names do not matter, and common other names are known (e-mail, organisation,
// time zone). email, country and languages must be there; country not where
// Options.Country is set. outlet needs outlet_kind beside it; outlet_country is
// the contact's country where it is empty. A column named id is passed over:
// an id from another installation means nothing here.
//
// Cells of email and languages hold several values, parted by spaces, commas,
// semicolons or bars, in order of preference; beats and tags may have spaces
// within, so only the other three part them. An address that has a bar itself
// stands in angle brackets.
//
// A contact with several outlets has a row for each, one directly after the
// other, that differ only in the outlet's columns. The same address anywhere
// else in the file is a fault.
//
// # What comes out
//
// ReadCSV promises that a contact it yields is valid in the sense of package
// press, that its texts are in Unicode's form NFC, on one line, without
// invisible controls, and that writing it with WriteCSV and reading that gives
// the same contact. Ids are left zero.
//
// # How it can fail
//
// Nothing but faults, each with file, line and column in characters. A bad row
// gives all of its faults and reading goes on behind it. Three things end the
// reading: a header that cannot be understood, a file in UTF-16, and a reader
// that fails. A quote that is opened and never closed is told at the place
// where it opens; the rows behind it are read as if it were not there. One row
// may take up to 20 lines, and a line up to 64 KiB.
//
// Memory is constant but for a hash of every address, about 30 bytes each, by
// which an address that comes twice is found.
package contactfile
