package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dateline/internal/press"
)

func TestNoAddressGetsIntoALog(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var b bytes.Buffer
		log := newLog(&b, asJSON)
		log.Error("anna@donau-dienst.example is not here", "error", fmt.Errorf("550 <Olim.o'Neil+x@xn--e1afmkfd.example>: %w", errors.New("борис@пример.example unknown")),
			"faults", press.Faults{{File: "lists.yaml", Line: 3, Column: 7, What: "`ben@turtle-bay-times.example` stands here a second time"}},
			"list", []press.Address{"carla@wire.example"}, "url", "postgres://user:pass@db.example.org/dateline", "n", 7)
		log.With("mailbox", "of ops@example.org").WithGroup("g").Info("x", "to", press.Address("desk@paper.example"))
		got := b.String()
		if strings.Contains(got, "@") || strings.Count(got, "(an address)") != 8 {
			t.Errorf("it logged %s", got)
		}
		if !strings.Contains(got, "550") || !strings.Contains(got, "lists.yaml:3:7") {
			t.Errorf("what is no address is gone: %s", got)
		}
	}
}

// What only looks like an address stays.
func TestWhatIsNoAddressStaysInTheLog(t *testing.T) {
	var b bytes.Buffer
	newLog(&b, true).Info("held", "release", "advisory@2027-03-08T0900", "notice", "alpha@kill", "moved", "alpha@embargo-1", "id", press.ID{1}, "error", errors.New("at @ noon"))
	for _, want := range []string{`"advisory@2027-03-08T0900"`, `"alpha@kill"`, `"alpha@embargo-1"`, `"01000000-0000-0000-0000-000000000000"`, `"at @ noon"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is not in %s", want, b.String())
		}
	}
}
