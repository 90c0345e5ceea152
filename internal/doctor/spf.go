package doctor

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxLookups is how many terms of an SPF record may ask DNS (RFC 7208, 4.6.4).
const maxLookups = 10

// SPFRecord is one record's own terms.
type SPFRecord struct {
	Lookups int      // of its own terms
	Follows []string // the domains whose records it takes in, but those with macros
}

// ParseSPF reads a record (RFC 7208, 4.6 and 12). What stands behind `all` is
// checked and not counted: nobody gets there.
func ParseSPF(record string) (SPFRecord, error) {
	var r SPFRecord
	version, rest, _ := strings.Cut(record, " ")
	if !strings.EqualFold(version, "v=spf1") {
		return r, errors.New("it does not begin with v=spf1")
	}
	all, redirect, exp := false, "", false
	for term := range strings.SplitSeq(rest, " ") {
		if term == "" {
			continue
		}
		if name, value, ok := modifier(term); ok {
			switch twice := name == "redirect" && redirect != "" || name == "exp" && exp; {
			case twice:
				return r, fmt.Errorf("`%s` stands twice", name)
			case name == "redirect" && value == "", name == "exp" && value == "":
				return r, fmt.Errorf("`%s` names no domain", shown(term))
			case name == "redirect":
				redirect = value
			case name == "exp":
				exp = true
			}
			continue
		}
		name, target, err := mechanism(term)
		if err != nil {
			return r, err
		}
		if all {
			continue
		}
		all = name == "all"
		r.count(name, target)
	}
	if redirect != "" && !all {
		r.count("redirect", redirect)
	}
	return r, nil
}

// count counts a term that asks DNS.
func (r *SPFRecord) count(name, target string) {
	if !slices.Contains([]string{"include", "a", "mx", "ptr", "exists", "redirect"}, name) {
		return
	}
	r.Lookups++
	if (name == "include" || name == "redirect") && !strings.Contains(target, "%") {
		r.Follows = append(r.Follows, strings.ToLower(strings.TrimSuffix(target, ".")))
	}
}

var modifierForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9._-]*)=(.*)$`)

func modifier(term string) (name, value string, ok bool) {
	m := modifierForm.FindStringSubmatch(term)
	if m == nil {
		return "", "", false
	}
	return strings.ToLower(m[1]), m[2], true
}

var lengthForm = regexp.MustCompile(`^(.*?)(?:/([0-9]{1,3}))?(?://([0-9]{1,3}))?$`)

// mechanism reads one mechanism with what it points at.
func mechanism(term string) (name, target string, err error) {
	bare := term
	if strings.IndexByte("+-~?", bare[0]) >= 0 {
		bare = bare[1:]
	}
	cut := strings.IndexAny(bare, ":/")
	if cut < 0 {
		cut = len(bare)
	}
	name, target = strings.ToLower(bare[:cut]), bare[cut:]
	points := strings.HasPrefix(target, ":")
	target = strings.TrimPrefix(target, ":")
	bad := fmt.Errorf("`%s` cannot be read", shown(term))
	switch name {
	case "all":
		if cut != len(bare) {
			return "", "", bad
		}
	case "include", "exists":
		if !points || target == "" {
			return "", "", fmt.Errorf("`%s` names no domain", shown(term))
		}
	case "ptr":
		if points && target == "" || !points && target != "" {
			return "", "", bad
		}
	case "a", "mx":
		host, ok := hostAndLengths(target)
		if !ok || points != (host != "") {
			return "", "", bad
		}
		target = host
	case "ip4", "ip6":
		if !points || !network(name, target) {
			return "", "", fmt.Errorf("`%s` is no network", shown(term))
		}
	default:
		return "", "", fmt.Errorf("`%s` is no mechanism", shown(term))
	}
	return name, target, nil
}

// hostAndLengths takes the lengths of prefixes off a host: `mail.example/24//64`.
func hostAndLengths(target string) (host string, ok bool) {
	parts := lengthForm.FindStringSubmatch(target)
	if len(parts) != 4 {
		return "", false
	}
	return parts[1], atMost(parts[2], 32) && atMost(parts[3], 128)
}

func atMost(length string, most int) bool {
	n, err := strconv.Atoi(length)
	return length == "" || err == nil && n <= most
}

func network(kind, s string) bool {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		var one netip.Addr
		if one, err = netip.ParseAddr(s); err == nil {
			p = netip.PrefixFrom(one, one.BitLen())
		}
	}
	return err == nil && p.Addr().Zone() == "" && p.Addr().Is4() == (kind == "ip4")
}

// SPF is a domain's record with all that it takes in.
type SPF struct {
	Records []string // those of the domain that are SPF's
	Lookups int      // over everything that is taken in
	Wrong   string   // receivers answer permerror to it
	Why     string   // nothing is known
}

// mostRecords bounds a walk through records that take in each other.
const mostRecords = 40

// ReadSPF reads a domain's record and what it takes in. look gives the TXT
// records of a name.
func ReadSPF(domain string, look func(name string) Answer[[]string]) SPF {
	first := look(domain)
	s := SPF{Records: spfRecords(first.Got), Why: first.Why}
	if s.Why != "" || len(s.Records) == 0 {
		return s
	}
	walk := spfWalk{look: look}
	walk.take(domain, s.Records)
	s.Lookups, s.Wrong, s.Why = walk.lookups, walk.wrong, walk.why
	return s
}

type spfWalk struct {
	look       func(string) Answer[[]string]
	read       int
	lookups    int
	wrong, why string
}

// take counts one domain's record, and goes into what it follows.
func (w *spfWalk) take(domain string, records []string) {
	if w.read++; w.read > mostRecords || w.wrong != "" {
		return
	}
	if len(records) > 1 {
		w.wrong = fmt.Sprintf("%s has %d SPF records", shown(domain), len(records))
		return
	}
	r, err := ParseSPF(records[0])
	if err != nil {
		w.wrong = fmt.Sprintf("the SPF record of %s: %v", shown(domain), err)
		return
	}
	w.lookups += r.Lookups
	for _, next := range r.Follows {
		answer := w.look(next)
		found := spfRecords(answer.Got)
		switch {
		case answer.Why != "":
			w.why = answer.Why
		case len(found) == 0:
			w.wrong = fmt.Sprintf("the SPF record of %s takes in %s, which has none", shown(domain), shown(next))
		default:
			w.take(next, found)
		}
	}
}

// spfRecords are those of a name's TXT records that are SPF's.
func spfRecords(all []string) []string {
	var records []string
	for _, t := range all {
		if version, _, _ := strings.Cut(t, " "); strings.EqualFold(version, "v=spf1") {
			records = append(records, t)
		}
	}
	return records
}
