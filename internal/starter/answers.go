package starter

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// ParseOrganisation takes a name of one line.
func ParseOrganisation(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	switch {
	case s == "":
		return "", errors.New("the organisation has no name; its name is wanted, as letters should show it")
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", errors.New("the organisation's name holds a control character; text alone is wanted")
	case len(s) > 200:
		return "", errors.New("the organisation's name is longer than 200 bytes; a shorter one is wanted")
	}
	return s, nil
}

// oneLabel is the name of a machine of one's own network, as localhost.
var oneLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Relay is a mail server.
type Relay struct {
	Host string
	Port int
}

// ParseRelay takes HOST or HOST:PORT; without one it is 587, for mail that is
// handed in.
func ParseRelay(s string) (Relay, error) {
	s = strings.TrimSpace(s)
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), "587"
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return Relay{}, fmt.Errorf("%q is no port; a number from 1 to 65535 is wanted, as in smtp.example.org:587", port)
	}
	if net.ParseIP(host) == nil && !oneLabel.MatchString(host) {
		if host, err = press.ParseDomain(host); err != nil {
			return Relay{}, fmt.Errorf("%q is no mail server; HOST:PORT is wanted, as in smtp.example.org:587", s)
		}
	}
	return Relay{host, n}, nil
}

// here tells whether the relay is on this machine.
func (r Relay) here() bool {
	ip := net.ParseIP(r.Host)
	return r.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// tls is how the relay is kept from others: only what stays on this machine goes
// without.
func (r Relay) tls() string {
	switch {
	case r.here():
		return "none"
	case r.Port == 465:
		return "implicit"
	default:
		return "required"
	}
}

// Place is where a team is: its country, and the clocks that it lives by.
type Place struct {
	Country press.Country
	Zone    string
}

// ParsePlace takes a country, with a zone behind it where the country has several.
func ParsePlace(s string) (Place, error) {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 2 {
		return Place{}, errors.New("a country in two letters is wanted, such as AT, with its zone behind it where it has several: US America/New_York")
	}
	country, err := press.ParseCountry(strings.ToUpper(words[0]))
	if err != nil {
		return Place{}, fmt.Errorf("%w; a country in two letters is wanted, such as AT", err)
	}
	if len(words) == 1 {
		zone, sole := locale.SoleZone(country)
		if !sole {
			return Place{}, fmt.Errorf("%s has several time zones; the one to go by is wanted behind it, as in `US America/New_York`", country)
		}
		return Place{country, zone}, nil
	}
	if _, err := time.LoadLocation(words[1]); err != nil || !strings.Contains(words[1], "/") {
		return Place{}, fmt.Errorf("there is no time zone %q; an IANA name is wanted, such as Europe/Vienna", words[1])
	}
	return Place{country, words[1]}, nil
}

// sole tells whether the country alone says which zone it is.
func (p Place) sole() bool {
	zone, sole := locale.SoleZone(p.Country)
	return sole && zone == p.Zone
}

// ParseLanguages takes BCP 47 tags with commas or spaces between them, each of a
// language that has a sample text.
func ParseLanguages(s string) ([]press.Lang, error) {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	have := Languages()
	var langs []press.Lang
	for _, word := range words {
		lang, err := press.ParseLang(word)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(have, lang) {
			return nil, fmt.Errorf("there is no sample text in %q; there is one in %v. Begin with one of these; a release may later have editions in any language with a phrase file", lang, have)
		}
		if !slices.Contains(langs, lang) {
			langs = append(langs, lang)
		}
	}
	if len(langs) == 0 {
		return nil, errors.New("no language is named; one or more are wanted, such as en,ru")
	}
	return langs, nil
}
