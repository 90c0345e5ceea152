package compose

import "dateline/internal/press"

// variant is what decides a page besides the edition: a page is made once for
// each and then filled in for every contact.
type variant struct {
	kind   press.SendKind
	held   bool
	test   bool
	name   bool // the contact's name is known
	outlet bool
	zone   bool // the contact's zone needs a telling of its own
	out    bool // it has links to opt out
	ninjs  bool // it carries the story as ninjs
}

// variantCount is how many variants an edition can have.
const variantCount = 3 << 7

// index numbers the variants; false for a kind of send that does not exist.
func (v variant) index() (int, bool) {
	i := 0
	switch v.kind {
	case press.General:
	case press.Advance:
		i = 1
	case press.FollowUp:
		i = 2
	default:
		return 0, false
	}
	for _, on := range []bool{v.held, v.test, v.name, v.outlet, v.zone, v.out, v.ninjs} {
		i <<= 1
		if on {
			i |= 1
		}
	}
	return i, true
}
