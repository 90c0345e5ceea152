package access

import (
	"fmt"
	"time"
)

// KeptLimits is how many names, or networks, are remembered at once.
const KeptLimits = keptLimits

// Remembered is how many names are remembered after n have been tried, the last
// of them among these.
func Remembered(now time.Time, n int) int {
	l := newLimits(1, time.Hour)
	for i := range n {
		l.reserve(fmt.Sprint(i), now.Add(time.Duration(i)*time.Millisecond))
	}
	if l.of[fmt.Sprint(n-1)] == nil || l.of["0"] != nil {
		return -1
	}
	return len(l.of)
}

// ParseToken reads a token's text.
func ParseToken(text string) bool {
	_, _, ok := parseToken(text)
	return ok
}
