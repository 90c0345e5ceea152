// Package testenv finds what tests need from the machine: an empty PostgreSQL
// database, a browser. Only tests import it.
//
// It promises that Postgres gives each test a database of its own, which is
// dropped when the test ends, and that the server it starts for that ends with
// the test process, however that process ends, and leaves no folder behind.
// The server listens on the loopback interface alone, asks for a password, and
// does not sync to disk: it is for tests, and nothing else.
//
// Where something is missing the test fails, and says what to install: a test
// that skips itself looks like one that passed. It fails when there are no
// server programs, when the server cannot start (the message carries what
// initdb and the server said), when the server that DATELINE_TEST_POSTGRES
// names does not answer or does not let its user create databases, and when
// there is no Chromium.
//
// One server serves a whole `make unit`: the command withpostgres starts it
// and names it in DATELINE_TEST_POSTGRES. Without that variable each test
// binary starts its own at the first call, in about a second.
package testenv
