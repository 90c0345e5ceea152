package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"dateline/internal/relay/relaytest"
)

// TestLogIsQuiet: whatever the relay says, no address of a journalist and no
// secret gets into the daemon's log, nor into what `status` and `log` show
// unless addresses are asked for.
func TestLogIsQuiet(t *testing.T) {
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			logIsQuiet(t, open(t))
		})
	}
}

const secret = "hunter2-of-the-relay"

// chatty repeats in its replies what it was told. It refuses the second
// recipient, asks to come later for the third, ends the dialogue at the fourth
// and at the end of the fifth message, and takes nobody in at the first try.
func chatty(p relaytest.Point) relaytest.Action {
	_, to, _ := strings.Cut(p.Line, "<")
	to, _, _ = strings.Cut(to, ">")
	switch {
	case p.Verb == "AUTH" && p.Conn == 1:
		return relaytest.Reply("535 5.7.8 " + p.Line + " is not right for " + secret)
	case p.Verb == "AUTH":
		return relaytest.Reply("235 2.7.0 welcome")
	case p.Verb == "RCPT" && p.Total == 2:
		return relaytest.Reply("550 5.1.1 <" + to + ">: " + to + " is not here")
	case p.Verb == "RCPT" && p.Total == 3:
		return relaytest.Reply("450-4.2.1 "+strings.ToUpper(to), "450 4.2.1 come later")
	case p.Verb == "RCPT" && p.Total == 4:
		return relaytest.Reply("421 4.7.0 too much for " + to)
	default:
		return nil
	}
}

func logIsQuiet(t *testing.T, store string) {
	server := relaytest.Start(t, relaytest.Script{Extensions: []string{"PIPELINING", "SMTPUTF8", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"}, At: chatty})
	in := install(t, store, server.Port())
	in.must(change(in.path("config", "dateline.yaml"), `    connections: 2`, "    connections: 1\n    username: dateline\n    password: $${RELAY_PASSWORD}"))
	in.env = append(in.env, "RELAY_PASSWORD="+secret)
	in.run(nil, "contacts", "import", "config/contacts.csv")
	in.approve("alpha")
	daemon := in.serve()
	states := in.settled("alpha")
	in.must(daemon.Process.Signal(os.Interrupt))
	in.must(daemon.Wait())
	if states["accepted"] != 4 || states["rejected"] != 1 {
		t.Errorf("at the end stand %v; want 4 accepted, 1 rejected", states)
	}

	shown := map[string]string{
		"the daemon's log": in.log(),
		"dateline log":     in.run(nil, "log"),
		"log --json":       in.run(nil, "log", "--json"),
		"dateline status":  in.run(nil, "status", "alpha"),
		"status --json":    in.run(nil, "status", "--json"),
	}
	personal := regexp.MustCompile(`(?i)[a-z]+@(donau-dienst|turtle-bay-times|tolkun-radio|ertis-tv|chuy-tv|hofburg-letter)`)
	for what, text := range shown {
		if found := personal.FindString(text); found != "" {
			t.Errorf("%s tells the address %s:\n%s", what, found, text)
		}
		if strings.Contains(text, secret) {
			t.Errorf("%s tells the password:\n%s", what, text)
		}
	}
	if !strings.Contains(shown["the daemon's log"], "a relay is put aside") || !strings.Contains(shown["dateline log"], "is not here") {
		t.Errorf("the relay's words did not arrive at all:\n%s\n%s", shown["the daemon's log"], shown["dateline log"])
	}
	if with := in.run(nil, "log", "--addresses"); !personal.MatchString(with) {
		t.Errorf("log --addresses tells no address:\n%s", with)
	}
}
