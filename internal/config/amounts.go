package config

import (
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

func (r *reader) domain(n yamlfile.Node) (string, bool) { return read(r, n, press.ParseDomain) }

// upTo reads a whole number from 0 on.
func upTo(high int) func(yamlfile.Node) (int, bool) {
	return func(n yamlfile.Node) (int, bool) {
		n.Int(0, high) // notes what is none; its 0 may be one of either
		v, err := strconv.Atoi(n.Text())
		return v, err == nil && v >= 0 && v <= high
	}
}

func (r *reader) perSecond(n yamlfile.Node) (float64, bool) {
	s, ok := r.line(n)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= 100_000) { // not a number is neither
		n.Fault("`"+shown(s)+"` does not fit", "a number from 0 to 100000 is wanted, such as 50 or 0.5")
		return 0, false
	}
	return v, true
}

// leastMemory is room for a thousand messages or so.
const leastMemory = 8 << 20

// memory reads a size in bytes.
func (r *reader) memory(n yamlfile.Node) (int64, bool) {
	s, ok := r.line(n)
	if !ok {
		return 0, false
	}
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		number, ok := strings.CutSuffix(s, unit)
		if !ok {
			continue
		}
		v, err := strconv.ParseUint(strings.TrimSpace(number), 10, 32)
		bytes := int64(v) << (10 * (i + 1))
		if err != nil {
			break
		}
		if bytes < leastMemory {
			n.Fault("`"+shown(s)+"` is too little", "at least 8MiB is wanted")
			return 0, false
		}
		return bytes, true
	}
	n.Fault("`"+shown(s)+"` is no size", "a whole number with KiB, MiB or GiB is wanted, such as 256MiB")
	return 0, false
}

// rate reads so many in so long.
func (r *reader) rate(n yamlfile.Node) (Rate, bool) {
	s, ok := r.line(n)
	if !ok {
		return Rate{}, false
	}
	number, unit, _ := strings.Cut(s, "/")
	count, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31)
	per := map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}[strings.TrimSpace(unit)]
	if err != nil || count == 0 || per == 0 {
		n.Fault("`"+shown(s)+"` is no rate", "a number above zero with /s, /min or /h is wanted, such as 20/min")
		return Rate{}, false
	}
	return Rate{N: int(count), Per: per}, true
}

func (r *reader) domainLimits(n yamlfile.Node) map[string]Rate {
	return keyed(n, "a limit", press.ParseDomain, r.rate)
}

func (r *reader) quietHours(n yamlfile.Node) map[press.Country]press.QuietHours {
	return keyed(n, "quiet hours", press.ParseCountry, func(n yamlfile.Node) (press.QuietHours, bool) {
		return read(r, n, press.ParseQuietHours)
	})
}

// keyed reads a map whose keys are values too, of which two spellings may be
// the same.
func keyed[K ~string, V any](n yamlfile.Node, what string, parse func(string) (K, error), value func(yamlfile.Node) (V, bool)) map[K]V {
	values := map[K]V{}
	for _, e := range n.Pairs() {
		k, known := parsed(e.Key, e.Key.Text(), parse)
		v, ok := value(e.Value)
		if !known || !ok {
			continue
		}
		if _, twice := values[k]; twice {
			e.Key.Fault("`"+shown(e.Key.Text())+"` is "+string(k)+", which has "+what+" already", "each stands once")
		}
		values[k] = v
	}
	return values
}
