package model

// fault is something that the code does right and the model can do wrong.
type fault uint8

// The faults; zero is none.
const (
	noFault fault = iota
	noGate
	staleView
	epochUnseen
	judgedBefore
	instantUnchecked
	clockUnwatched
	takeoverPlansSending
	ownerUnchecked
	lateUnheard
	lateOfAnybody
	journalUnread
	journalAfterData
	forgetsFirst
	bootUnseen
	unbegunLeaves
	askedOnce
	twinsUnseen
	twinsOfOthers
	strayUnseen
	releaseSending
	secondCopy
	onItsWayUnseen
	takenIsLeft
	lastFault
)

func (f fault) String() string {
	return [...]string{
		noFault:              "no fault",
		noGate:               "a message does not look at the gate",
		staleView:            "the gate lets a message pass by a view of any age",
		epochUnseen:          "the gate does not look whether the claim was taken over",
		judgedBefore:         "Record judges by a release's row that is not locked",
		instantUnchecked:     "nobody looks at the instant",
		clockUnwatched:       "nobody sees that a clock was moved",
		takeoverPlansSending: "a takeover plans what was being sent",
		ownerUnchecked:       "a result counts, whoever has the copy",
		lateUnheard:          "a daemon that returns is not heard",
		lateOfAnybody:        "a late result plans again what is another's attempt",
		journalUnread:        "the journal is not read",
		journalAfterData:     "the journal is written after the data",
		forgetsFirst:         "the journal is forgotten before the ledger has it",
		bootUnseen:           "a journal of another boot counts as proof",
		unbegunLeaves:        "a message leaves without the ledger's Go",
		askedOnce:            "a beginning whose answer was lost is asked for as if for the first time",
		twinsUnseen:          "a copy begins that the daemon has begun already",
		twinsOfOthers:        "the claim of a twin counts as given back when another copy is done",
		strayUnseen:          "claims whose answer was lost are not given back",
		releaseSending:       "what was begun is given back like a claim",
		secondCopy:           "nobody looks for the copy of an earlier approval",
		onItsWayUnseen:       "nobody looks for an earlier copy that is on its way",
		takenIsLeft:          "a copy that was taken over counts as one that has left",
	}[f]
}
