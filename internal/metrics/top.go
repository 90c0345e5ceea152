package metrics

import (
	"cmp"
	"maps"
	"slices"
)

// topOf names the largest so many; of two that are as large the one that comes
// first in the alphabet.
func topOf(sizes map[string]int, n int) map[string]bool {
	names := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b))
	})
	top := map[string]bool{}
	for _, name := range names[:min(n, len(names))] {
		top[name] = true
	}
	return top
}
