package press

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A notice is a release of its own that Dateline writes about another one, to
// those who hold a copy of that. Its slug is the other's with a name behind it:
// `kill`, or `embargo-1`, `embargo-2` and so on. Neither looks like the day that
// names an occurrence, and an occurrence may itself have notices:
// advisory@2027-03-08@kill.
const (
	killName    = "kill"
	embargoName = "embargo-"
)

// NoticeSend is the one send of a notice.
const NoticeSend = "notice"

// KillSlug is the slug of the notice that a release was withdrawn.
func KillSlug(about string) string { return about + "@" + killName }

// EmbargoSlug is the slug of the notice that a release's embargo was moved, for
// the nth time.
func EmbargoSlug(about string, n int) string {
	return about + "@" + embargoName + strconv.Itoa(n)
}

// SplitNotice parts the slug of a notice into that of the release that it is
// about, its kind, and which of its kind it is; false where it is no notice's.
func SplitNotice(slug string) (about string, kind ReleaseKind, n int, ok bool) {
	at := strings.LastIndexByte(slug, '@')
	if at <= 0 {
		return "", "", 0, false
	}
	about, name := slug[:at], slug[at+1:]
	if name == killName {
		return about, KillNotice, 1, true
	}
	number, found := strings.CutPrefix(name, embargoName)
	n, err := strconv.Atoi(number)
	if !found || err != nil || n < 1 || EmbargoSlug(about, n) != slug {
		return "", "", 0, false
	}
	return about, EmbargoNotice, n, true
}

// Told is a mailbox that a notice went to, or may have, or still will.
type Told struct {
	Delivery   ID
	AddressKey AddressKey
	Pending    bool // it waits to be sent
}

// MessageID is the Message-ID of a delivery's copy, without angle brackets. A
// copy that is sent again has it again.
func (f Frozen) MessageID(delivery ID) string {
	return delivery.String() + "@" + f.Sender.From.Domain()
}

// UnderEmbargo tells whether a copy that is due at an instant leaves before the
// lift, and so tells of the embargo.
func (e Embargo) UnderEmbargo(due time.Time) bool { return !e.None && due.Before(e.Lift.At) }

// Same tells whether two embargoes end at the same instant, or neither is one.
func (e Embargo) Same(o Embargo) bool { return e.None == o.None && e.Lift.At.Equal(o.Lift.At) }

// String tells an embargo for people who operate.
func (e Embargo) String() string {
	if e.None {
		return "none"
	}
	return fmt.Sprintf("until %s %s", e.Lift.Local().Format("2006-01-02 15:04"), e.Lift.Zone)
}
