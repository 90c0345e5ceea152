// Package relaytest is a scripted SMTP server for tests of what goes wrong. It
// speaks over a real TCP connection, knows the dialogue of RFC 5321 with
// PIPELINING, and does at each point of it what the test's script says.
//
//	srv := relaytest.Start(t, relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
//		if p.Message == 2 && p.Verb == "RCPT" {
//			return relaytest.Reply("550 5.1.1 no such user")
//		}
//		return nil // as a good relay would
//	}})
//
// The server stops, and all that it runs ends, with the test. Every message
// that came in whole is kept, with what was said to it.
package relaytest
