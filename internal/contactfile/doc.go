// Package contactfile turns files into contacts and contacts into CSV.
//
// # What a file looks like
//
// Its content tells what it is. A CSV file has a header line, then a row per
// contact; the separator is a comma, a semicolon or a tab, whichever the header
// line has most of, and quotes are those of RFC 4180. A workbook (XLSX,
// ECMA-376) has a header row in one of its sheets; a number that is formatted as
// a date is one, and a formula's value is taken, unless the formula reaches
// beyond the sheet. A vCard file (2.1, 3.0 of RFC 2426, 4.0 of RFC 6350) has a
// card per contact. Blank lines and rows without any text are passed over.
//
// UTF-8 and UTF-16 are told by themselves; of Windows-1251, KOI8-R and
// Windows-1252 it is guessed which a file is in, and Inspect says so.
//
// Columns stand in any order; case, spaces, underscores, hyphens and slashes in
// their names do not matter, and common other names are known (e-mail,
// organisation, time zone). Options.Columns maps others. email, country and
// languages must be there, or be said for all rows by the Options. outlet needs
// outlet_kind beside it; outlet_country is the contact's country where it is
// empty. A column named id is passed over: an id from another installation means
// nothing here.
//
// Cells of email and languages hold several values, parted by spaces, commas,
// semicolons or bars, in order of preference; beats and tags may have spaces
// within, so only the other three part them. An address that has a bar itself
// stands in angle brackets. Countries are codes or names; dates have the year
// first, or an order that cannot be mistaken.
//
// A contact with several outlets has a row for each, one directly after the
// other, that differ only in the outlet's columns. The same address anywhere
// else in the file is a fault.
//
// # What comes out
//
// Read promises that a contact it yields is valid in the sense of package press,
// that its texts are in Unicode's form NFC, on one line, without invisible
// controls, and that writing it with WriteCSV and reading that gives the same
// contact. Ids are left zero.
//
// # How it can fail
//
// Nothing but faults, each with file, line and column in characters; of a
// workbook these are the row and the column's number, of a card the line of its
// property. A bad row gives all of its faults and reading goes on behind it.
// What cannot be decoded is a fault of the cell that it stands in. These end the
// reading: a header that cannot be understood, a reader that fails, a workbook
// that is damaged, too large, or unpacks to more than its size can explain, whose
// XML has a piece longer than 1 MiB, is nested deeper than 100 elements, or goes
// on for 512 MiB without a row that has text. A
// quote that is opened and never closed is told at the place where it opens; the
// rows behind it are read as if it were not there. One row may take up to 20
// lines, and a line up to 64 KiB; a card up to 2,000 lines, a value in it up to
// 64 KiB, and all of them up to 1 MiB.
//
// Memory is constant but for a hash of every address, about 25 bytes each, by
// which an address that comes twice is found, and for the texts that the cells
// of a workbook share.
package contactfile
