package dsn

import (
	"io"
	"mime"
	"strings"
	"time"
)

// field is one field of a header: its name in lower case, its value unfolded.
type field struct{ name, value string }

// header is the fields of a message or of a status block, in their order.
type header []field

// get is the first field of that name, in lower case.
func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// has tells whether a field is there, empty or not.
func (h header) has(name string) bool {
	for _, f := range h {
		if f.name == name {
			return true
		}
	}
	return false
}

// text is get with encoded words (RFC 2047) and stray 8-bit bytes decoded.
func (h header) text(name string) string { return decodeWords(h.get(name)) }

const maxFields = 1000

// splitHeader reads the fields at the start of a text with bare line feeds and
// gives what stands after the blank line. A line that is no field ends it, too.
func splitHeader(s string) (h header, rest string) {
	var u unfolder
	for s != "" && len(u.fields) < maxFields {
		line, after, _ := strings.Cut(s, "\n")
		switch {
		case strings.TrimRight(line, " \t") == "":
			return u.header(), after
		case u.add(line):
		case len(u.fields) == 0 && (strings.HasPrefix(line, "From ") || strings.HasPrefix(line, ">From ")):
			// An mbox file's separator.
		default:
			return u.header(), s
		}
		s = after
	}
	return u.header(), s
}

// unfolder puts the lines of fields together, each field once: joining line by
// line would take the square of a long field's time.
type unfolder struct {
	fields header
	pieces []string // of the last field
	length int
}

// add takes a line and tells whether it is a field or goes on with one.
func (u *unfolder) add(line string) bool {
	if (line[0] == ' ' || line[0] == '\t') && len(u.fields) > 0 {
		if piece := strings.TrimSpace(line); u.length < maxText {
			u.pieces = append(u.pieces, piece)
			u.length += len(piece) + 1
		}
		return true
	}
	name, value, ok := cutField(line)
	if !ok {
		return false
	}
	u.close()
	u.fields = append(u.fields, field{strings.ToLower(name), value})
	u.pieces, u.length = append(u.pieces[:0], value), len(value)
	return true
}

func (u *unfolder) close() {
	if len(u.pieces) > 1 {
		u.fields[len(u.fields)-1].value = strings.TrimSpace(strings.Join(u.pieces, " "))
	}
}

func (u *unfolder) header() header {
	u.close()
	u.pieces = nil
	return u.fields
}

// cutField reads `Name: value`.
func cutField(line string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(line, ":")
	name = strings.TrimRight(name, " \t")
	if !ok || name == "" || len(name) > 70 {
		return "", "", false
	}
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' {
			return "", "", false
		}
	}
	return name, strings.TrimSpace(value), true
}

// decodeWords is RFC 2047, tolerant: what cannot be decoded stays.
func decodeWords(s string) string {
	s = cut(s, 4<<10)
	if strings.Contains(s, "=?") {
		dec := mime.WordDecoder{CharsetReader: func(charset string, in io.Reader) (io.Reader, error) {
			b, err := io.ReadAll(io.LimitReader(in, maxText))
			return strings.NewReader(toUTF8(string(b), charset)), err
		}}
		if out, err := dec.DecodeHeader(s); err == nil {
			s = out
		}
	}
	return toUTF8(s, "")
}

// mediaType reads a Content-Type as loosely as it is written: the type in lower
// case and its parameters.
func mediaType(s string) (kind string, param map[string]string) {
	kind, rest, _ := strings.Cut(s, ";")
	param = map[string]string{}
	for rest != "" && len(param) < 20 {
		var name string
		name, rest, _ = strings.Cut(rest, "=")
		rest = strings.TrimLeft(rest, " \t")
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, rest, _ = strings.Cut(rest[1:], `"`)
			_, rest, _ = strings.Cut(rest, ";")
		} else {
			value, rest, _ = strings.Cut(rest, ";")
		}
		param[strings.ToLower(strings.Trim(name, " \t;"))] = strings.TrimSpace(value)
	}
	return strings.ToLower(strings.TrimSpace(kind)), param
}

// parseDate reads a Date field, or the dates of status fields; zero where it
// cannot.
func parseDate(s string) time.Time {
	if i := strings.IndexByte(s, '('); i > 0 {
		s = s[:i]
	}
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range []string{
		"Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
		"Mon, 2 Jan 2006 15:04 -0700", "Mon, 2 Jan 06 15:04:05 -0700", "Mon, 2 Jan 06 15:04:05 MST",
		time.RFC3339, "2006-01-02 15:04:05 -0700", "Mon Jan 2 15:04:05 2006",
	} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 && t.Year() < 10000 {
			return t.UTC()
		}
	}
	return time.Time{}
}
