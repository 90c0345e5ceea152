// Package alarm calls people when something is wrong, and tells them when it is
// over.
//
// What is wrong it is told by a judge, anew each time. It promises that each
// alarm is told by each way out once while it lasts, again only after a long
// while, and once when it is over, over all daemons of a store: which alarms
// stand, and what was told, is in the store. One that is back within minutes
// calls nobody at once, and some causes must last before anybody is called.
//
// A telling that fails, or that takes too long, is tried again, later each time;
// one way that hangs keeps no other waiting. What a daemon had taken to tell when
// it died another one tells, so that in that case alone somebody may be told
// twice, under one id. That something is over is given up in the end.
//
// While the store does not answer nobody can be called: what stands cannot be
// judged then. That is what /readyz and the metrics are for, which a monitor asks
// from outside.
package alarm
