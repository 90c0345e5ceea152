package parity

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dateline/internal/press"
)

// zoneMark is a zone by its offset or by its letters.
var zoneMark = regexp.MustCompile(`\b(?:UTC|GMT)(?:\s?([+−–-])\s?(\d{1,2})(?::?(\d{2}))?)?|\b(?:CET|CEST|EST|EDT|MSK)\b|МСК`)

// zonesMarked finds the zones that are named so.
func zonesMarked(text string) [][]int {
	for _, part := range []string{"UTC", "GMT", "CET", "EST", "EDT", "MSK", "МСК"} {
		if strings.Contains(text, part) {
			return zoneMark.FindAllStringSubmatchIndex(text, -1)
		}
	}
	return nil
}

// zoneSpan is a zone that is named in a passage.
type zoneSpan struct {
	from, to int
	loc      *time.Location
}

// adjectives are the zones that Russian names by a word of another stem than the
// city's.
func adjectives() map[string]string {
	return map[string]string{"москов": "Europe/Moscow", "гринвич": "Etc/UTC"}
}

// zonesIn finds the zones that a passage names: by their offset, by
// letters, or by a city as the language's phrases have it, in any of its cases.
func zonesIn(e *edition, p *passage) []zoneSpan {
	text := p.text
	var found []zoneSpan
	for _, at := range zonesMarked(text) {
		name := text[at[0]:at[1]]
		offset := namedOffset(name)
		if at[4] >= 0 {
			hours, _ := strconv.Atoi(text[at[4]:at[5]])
			offset = hours * 3600
			if at[6] >= 0 {
				minutes, _ := strconv.Atoi(text[at[6]:at[7]])
				offset += minutes * 60
			}
			if text[at[2]:at[3]] != "+" {
				offset = -offset
			}
		}
		found = append(found, zoneSpan{at[0], at[1], time.FixedZone(name, offset)})
	}
	if e.words != nil {
		found = append(found, zonesByCity(e, text)...)
	}
	slices.SortStableFunc(found, func(a, b zoneSpan) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	return found
}

func namedOffset(name string) int {
	switch name {
	case "CET":
		return 3600
	case "CEST":
		return 2 * 3600
	case "EST":
		return -5 * 3600
	case "EDT":
		return -4 * 3600
	case "MSK", "МСК":
		return 3 * 3600
	}
	return 0
}

func zonesByCity(e *edition, text string) []zoneSpan {
	var found []zoneSpan
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // a letter whose small form is longer: places would not fit
		lower = text
	}
	zones := e.words.Zones()
	stems := adjectives()
	for name, city := range zones {
		stems[stemOf(strings.ToLower(city))] = name
	}
	for stem, name := range stems {
		if stem == "" || !strings.Contains(lower, stem) {
			continue
		}
		loc, err := press.LoadZone(name)
		if err != nil {
			continue
		}
		for at := 0; ; at += len(stem) {
			i := strings.Index(lower[at:], stem)
			if i < 0 {
				break
			}
			at += i
			if before, _ := utf8.DecodeLastRuneInString(lower[:at]); !unicode.IsLetter(before) {
				found = append(found, zoneSpan{at, at + len(stem), loc})
			}
		}
	}
	return found
}
