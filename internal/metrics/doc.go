// Package metrics is what Prometheus reads of a daemon.
//
// It has a registry of its own, so that nothing else of the process gets into it,
// and knows neither the store nor the dispatcher: what it counts is told to it,
// and what it asks for it is given as functions. That is why it stands beside the
// other ways out, among the adapters. It promises that what it is told costs no
// more than a few atomic additions, that no label holds an address or a person,
// and that labels are few: of mail domains the largest, the rest together.
//
// What is asked of the store is asked at most so often that the store is busy
// with it for a twentieth of the time, and for a few seconds at most; where it
// does not answer, dateline_store_up is 0 and what hangs on it is not given, so
// that nobody takes old numbers for new ones.
package metrics
