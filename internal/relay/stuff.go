package relay

import "bytes"

// appendData appends a message as it goes over the wire: each dot at the start
// of a line doubled, and the end of the data behind it (RFC 5321, section 4.5.2).
func appendData(out, message []byte) []byte {
	whole := bytes.HasSuffix(message, []byte("\r\n"))
	if len(message) > 0 && message[0] == '.' {
		out = append(out, '.')
	}
	for {
		i := bytes.Index(message, []byte("\n."))
		if i < 0 {
			break
		}
		out = append(append(out, message[:i+1]...), '.')
		message = message[i+1:]
	}
	out = append(out, message...)
	if !whole {
		out = append(out, "\r\n"...)
	}
	return append(out, ".\r\n"...)
}
