// Package receipt tells what became of a release so that it can be shown to
// others: who said yes to what, when each country was reached, who held a copy
// at a moment, and whether the trail that all this is read from is as it was
// written. It only reads. It fails when the store does not answer, when it knows
// no release of the name that was asked for, when what an approval froze cannot be
// read back, and when a moment is asked for that is yet to come. That the trail
// is broken is no failure: a Verification tells it.
package receipt
