package press

import "time"

// Gate is what a daemon must know, again and again while it sends: how the
// releases stand, and whether its own claims are still its own.
type Gate struct {
	Clock    time.Time // of the database; zero where it has none of its own
	Epoch    int64     // how often the daemon's claims were taken over
	Releases map[string]Standing
}

// Standing is an approved release as the gate sees it.
type Standing struct {
	Approval ID
	Control  Control
}

// ClockHold begins the reason of a hold for a clock that cannot be trusted. While
// it stands nothing of the release expires.
const ClockHold = "clock: "

// Begin asks the ledger to let a claimed delivery begin. Again says that it was
// asked before, that the answer was lost, and that nothing was sent since.
type Begin struct {
	Delivery ID
	Again    bool
}

// Verdict is what the store says of a delivery that is about to leave.
type Verdict string

// The verdicts. Only Go lets a byte leave.
const (
	Go         Verdict = "go"
	Held       Verdict = "held"
	Killed     Verdict = "killed"
	Suppressed Verdict = "suppressed"
	Late       Verdict = "late"
	Early      Verdict = "early"
	Paced      Verdict = "paced"        // its domain takes no more mail yet
	NotHeld    Verdict = "not accepted" // the copy that it follows up was not
	Lost       Verdict = "lost"         // claimed by another, voided or already sent
)
