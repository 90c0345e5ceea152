// Package parity compares a release's editions and tells what stands in one and
// not in another, and what is wrong in one whatever the others say.
//
// It promises that each finding has its place in the edition's file, that a
// difference is told once, at the edition that stands alone with it (at the
// first, where as many have the one as the other), and that editions which
// agree have no findings. What an edition accepts, by its front matter or by a
// comment in its text, is not among the findings; an acceptance that nothing
// needs is one itself.
//
// It does not fail: a text that it cannot make sense of has fewer findings. It
// reads no language: a number that is written as a word, a name that is
// spelled otherwise in another script, or a sentence that says the contrary are
// beyond it, and a language without phrases is compared by its figures alone.
package parity
