package dsn

import (
	"regexp"
	"strings"
	"unicode"

	"dateline/internal/press"
)

// Bounds on what a report says, in bytes.
const (
	maxDiagnostic = 1000
	maxName       = 320 // an address or a host
	maxID         = 998 // a line of a message
)

var statusPattern = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)

// bound makes a report's texts one line each, of valid UTF-8, and no longer
// than they may be.
func bound(r *press.Report) {
	r.Diagnostic = oneLine(r.Diagnostic, maxDiagnostic)
	r.Reporter = oneLine(r.Reporter, maxName)
	r.EnvelopeID = oneLine(r.EnvelopeID, maxID)
	r.MessageID = oneLine(r.MessageID, maxID)
	r.Recipient = press.Address(oneLine(string(r.Recipient), maxName))
	r.Original = press.Address(oneLine(string(r.Original), maxName))
	if !statusPattern.MatchString(r.Status) {
		r.Status = ""
	}
	if r.Code < 200 || r.Code > 599 {
		r.Code = 0
	}
	if len(r.Proposed) > 5 {
		r.Proposed = r.Proposed[:5]
	}
}

// oneLine joins a text's words with single spaces and cuts it between letters.
func oneLine(s string, most int) string {
	if len(s) > 4*most {
		s = s[:4*most]
	}
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || press.TurnsText(r) || r == '\ufeff':
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		s = strings.TrimSpace(strings.ToValidUTF8(s[:most], ""))
	}
	return s
}
