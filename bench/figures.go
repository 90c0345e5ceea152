package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// found is what was measured, and what must not have been.
type found struct {
	size     size
	rates    map[string][]float64 // by row, a round each: messages a second
	peaks    map[string][]float64 // by row: the daemon's memory in MiB
	lifts    map[string][]float64 // by store: ms to the first byte
	early    int
	meanSize float64
	volumes  map[string][]sent // by store: small, large, small
	wrong    []string          // lost, twice or early
}

func newFound(s size) *found {
	return &found{size: s, rates: map[string][]float64{}, peaks: map[string][]float64{}, lifts: map[string][]float64{}, volumes: map[string][]sent{}}
}

func (f *found) add(row string, rate float64) { f.rates[row] = append(f.rates[row], rate) }

func (f *found) wrongf(format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Sprintf(format, args...))
}

// median is the middle of the values; not a number where there are none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// rangeOf tells the median, and from where to where the values go.
func rangeOf(values []float64) string {
	return fmt.Sprintf("%.1f (%.1f to %.1f)", median(values), slices.Min(values), slices.Max(values))
}

// ratio holds a row's median against another's of the same run.
func (f *found) ratio(row, to string) float64 { return median(f.rates[row]) / median(f.rates[to]) }

// worst is the highest of what the stores have; not a number where none has any.
func worst[T any](of map[string]T, value func(T) float64) float64 {
	all := []float64{}
	for _, store := range slices.Sorted(maps.Keys(of)) {
		all = append(all, value(of[store]))
	}
	if len(all) == 0 {
		return math.NaN()
	}
	return slices.Max(all)
}

// growth is how many times the small volume's time the large one took.
func growth(v []sent) float64 {
	return v[1].took.Seconds() / (v[0].took.Seconds() + v[2].took.Seconds()) * 2
}

func largePeak(v []sent) float64     { return v[1].peakMiB }
func largeApproval(v []sent) float64 { return v[1].approval.Seconds() }

// peak is the most memory that a daemon had in any of the rows.
func (f *found) peak(rows ...string) float64 {
	all := []float64{}
	for _, row := range rows {
		all = append(all, f.peaks[row]...)
	}
	if len(all) == 0 || f.size.n != fullSize().n {
		return math.NaN()
	}
	return slices.Max(all)
}
