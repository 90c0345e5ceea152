package relay

import "bytes"

// appendData appends a message as it goes over the wire: each dot at the start
// of a line doubled, and the end of the data behind it (RFC 5321, section 4.5.2).
// Every line ends in CRLF there, whatever ended it in the message: a relay that
// takes a lone CR or LF for a line's end would see an end of the data where there
// is none, and a message of somebody else's making behind it. What package
// compose makes has none of them, so that a signature stays good.
func appendData(out, message []byte) []byte {
	for {
		line, rest := cutLine(message)
		if len(line) > 0 && line[0] == '.' {
			out = append(out, '.')
		}
		out = append(append(out, line...), "\r\n"...)
		if message = rest; len(message) == 0 {
			return append(out, ".\r\n"...)
		}
	}
}

// cutLine takes the first line off, which CRLF, CR or LF ends, or nothing.
func cutLine(b []byte) (line, rest []byte) {
	line = b
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		line, rest = b[:i], b[i+1:]
		line = bytes.TrimSuffix(line, []byte("\r"))
	}
	if i := bytes.IndexByte(line, '\r'); i >= 0 {
		return b[:i], b[i+1:]
	}
	return line, rest
}
