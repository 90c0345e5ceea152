package compose

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// slot is one of the values that differ from contact to contact. A page is made
// once, with a token in each slot's place, and filled in for every contact.
type slot int

const (
	slotName slot = iota
	slotOutlet
	slotAddress
	slotWhen
	slotDate
	slotTime
	slotCity
	slotOffset
	slotOptOut
	slotCount
)

// values holds what goes into the slots.
type values [slotCount]string

// tokens makes and finds the tokens of a kit. A token is a word of ASCII
// letters and digits, so that no escaper and no parser changes it; its middle
// comes from a hash over the frozen release, so that no text can contain it.
type tokens struct{ prefix string }

func newTokens(seed string) tokens {
	sum := sha256.Sum256([]byte(seed))
	return tokens{"dl" + hex.EncodeToString(sum[:10])}
}

// others are tokens that differ from these in every letter, so that not even the
// first one of a value, cut off, looks the same with both.
func (t tokens) others() tokens {
	return tokens{strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + 'a'
		}
		return r - 'a' + 'k' // of d, l and the hexadecimal a to f
	}, t.prefix)}
}

func (t tokens) of(s slot) string { return t.prefix + string(rune('a'+int(s))) + "z" }

// pieces are a text cut at its tokens: texts[0], slots[0], texts[1], …
type pieces struct {
	texts []string
	slots []slot
}

var errCutToken = errors.New("a value of .Contact or of the contact's telling is cut or changed; print it whole")

// cut takes a text apart at its tokens.
func (t tokens) cut(s string) (pieces, error) {
	var p pieces
	for {
		at := strings.Index(s, t.prefix)
		if at < 0 {
			p.texts = append(p.texts, s)
			return p, nil
		}
		end := at + len(t.prefix)
		if len(s) < end+2 || s[end] < 'a' || s[end] >= 'a'+byte(slotCount) || s[end+1] != 'z' {
			return pieces{}, errCutToken
		}
		p.texts = append(p.texts, s[:at])
		p.slots = append(p.slots, slot(s[end]-'a'))
		s = s[end+2:]
	}
}

// appendTo joins the pieces with a contact's values.
func (p pieces) appendTo(dst []byte, v *values) []byte {
	for i, s := range p.slots {
		dst = append(dst, p.texts[i]...)
		dst = append(dst, v[s]...)
	}
	return append(dst, p.texts[len(p.texts)-1]...)
}
