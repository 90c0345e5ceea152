package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// STSPolicy is what a domain asks of those who bring it mail.
type STSPolicy struct {
	Mode string // enforce, testing or none
	MX   []string
}

// ParseSTS reads a policy (RFC 8461, 3.2). Keys that are not known are passed
// by, as the RFC has it; of one that stands twice the first counts.
func ParseSTS(text string) (STSPolicy, error) {
	var p STSPolicy
	seen := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return p, fmt.Errorf("%q is no line of a policy", shown(line))
		}
		value = strings.TrimSpace(value)
		if key == "mx" {
			p.MX = append(p.MX, value)
		} else if _, twice := seen[key]; !twice {
			seen[key] = value
		}
	}
	p.Mode = seen["mode"]
	age, err := strconv.Atoi(seen["max_age"])
	switch {
	case seen["version"] != "STSv1":
		return p, errors.New("it has no `version: STSv1`")
	case !slices.Contains([]string{"enforce", "testing", "none"}, p.Mode):
		return p, errors.New("its `mode` is none of enforce, testing and none")
	case err != nil || age < 0:
		return p, errors.New("its `max_age` is no number of seconds")
	case p.Mode != "none" && len(p.MX) == 0:
		return p, errors.New("it names no `mx`")
	}
	return p, nil
}

// covers tells whether a pattern of a policy is a host's: its name, or `*.` for
// one label.
func covers(pattern, host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	pattern = strings.ToLower(strings.TrimSuffix(pattern, "."))
	if below, ok := strings.CutPrefix(pattern, "*."); ok {
		_, rest, _ := strings.Cut(host, ".")
		return rest == below
	}
	return pattern == host
}
