// Package plan works out what a release would send: every recipient, edition
// and instant, the reason for each contact that is skipped, and a digest over
// all of it.
//
// It promises that the same inputs give the same plan and digest, in whatever
// order the contacts come and from whichever store; that an address stands at
// most once in a send; that an advance send names only contacts with an outlet
// whose embargo agreement is on file; that no recipient of another send is due
// before the lift, nor within quiet hours that it keeps; and that a follow-up
// names only who gets, or has, the copy that it follows. It reads no clock and no
// file: the time is a value.
//
// Each recipient has an instant of their own: a local send's wall time is
// reckoned in the contact's zone, and quiet hours put a copy off to their end.
// What goes on approval has none until OnApproval gives it one.
//
// A notice goes to those who hold a copy of a release. Who they are it is told;
// it has a plan and a digest of its own, and stands beside a release's plan, whose
// digest then covers it, where the one approval is for both.
//
// A plan with Errors must not be approved; they say what is wrong and what to
// do. Warnings are for a person to weigh. It fails as a whole only when the
// contacts cannot be read.
package plan
