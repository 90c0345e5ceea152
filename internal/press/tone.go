package press

// Tone is what a state means to who watches. Each has one colour everywhere: in
// the terminal, in the console and in pictures.
type Tone string

// The tones.
const (
	Good     Tone = "good"     // green: with the journalist
	Moving   Tone = "moving"   // blue: on its way
	Patience Tone = "patience" // yellow: it is tried again by itself
	Alarming Tone = "alarming" // red: it did not arrive, or wants a person
	Over     Tone = "over"     // grey: nothing more comes of it
)

// Tones are all of them, in the order in which bars and legends show them.
func Tones() []Tone { return []Tone{Good, Moving, Patience, Alarming, Over} }

// Tone is that of a state.
func (s State) Tone() Tone {
	switch s {
	case Accepted, Delivered:
		return Good
	case Planned, Claimed, Sending:
		return Moving
	case Deferred:
		return Patience
	case Rejected, Bounced, Complained, Expired, Unknown:
		return Alarming
	default:
		return Over
	}
}
