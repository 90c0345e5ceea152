// Package optout carries out what journalists ask for by the links in the mail
// that they got: to be written to no more, on a topic, by an organisation or at
// all; to be written to in another language or at another address; to see what
// is held on them; to be deleted.
//
// It promises that what a link asks for holds from the next copy on that begins
// to leave, that it holds for every address of theirs, also for one that is
// added later, that no import takes it back, and that nobody can speak for
// somebody else: a token that was not made by this installation's keys is
// refused, and says nothing about why.
//
// It fails with ErrToken, with a press.Faults that says what would be right, or
// where the store does not answer; then nothing has changed.
package optout
