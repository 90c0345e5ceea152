package locale

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"dateline/internal/press"
)

// ZonesFingerprint sums up what the zone database says around an instant: the
// offset of every zone that zone1970.tab lists, month by month, from a year
// before to a year after. Two databases that tell the same local times there
// have the same fingerprint. A zero instant stands for no embargo and gives "".
func ZonesFingerprint(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	h := sha256.New()
	for _, zone := range zoneNames() {
		loc := press.In(at, zone).Location() // once: reading a zone costs more than all that is asked of it
		fmt.Fprint(h, zone)
		for month := -12; month <= 12; month++ {
			_, offset := at.UTC().AddDate(0, month, 0).In(loc).Zone()
			fmt.Fprint(h, " ", offset)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
