package compose

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dateline/internal/press"
)

// frame is a message of a page without what varies: the headers in their order,
// folded, and the structure of MIME. go-mail wrote it, once; every copy is then
// made from it, as go-mail would make it.
type frame struct {
	texts []string // texts[0], marks[0], texts[1], …
	marks []mark
	size  int // of the texts

	optOut []string // what stands around the token in List-Unsubscribe
}

// mark is a place in a frame.
type mark rune

const (
	markDate mark = 'a' + iota
	markID
	markTo
	markOptOut // the whole header; only where there are links
	markBoundary
	markText
	markHTML
	markMixed
	markRelated
	markFile // and the marks behind it: the page's files in their order
)

// newFrame has go-mail write a copy, takes out what varies, and then holds a
// copy of another kind, made from the frame, against the one that go-mail
// makes. Where they differ there is no frame: go-mail may have changed.
func (k *Kit) newFrame(e *edition, v variant, p *page) (*frame, error) {
	l := frameLetter(e, v)
	var b bytes.Buffer
	if err := k.goMailWith(&b, l, p, "", "", standIns(p)); err != nil {
		return nil, err
	}
	f, ok := cutFrame(b.String(), l, k.sender, standIns(p))
	if !ok {
		return nil, nil
	}
	framed := *p
	framed.frame = f
	c := filling{page: &framed}
	for s := range slotCount {
		c.set(s, "Zoë O'Frame, <"+strings.Repeat("дом ", 9)+"& Söhne> "+string(rune('a'+s)))
	}
	l.Recipient.Name, l.Recipient.Address = c.plain[slotName], "frame.of.a.page@another.dateline.example"
	if v.out {
		l.OptOut = "anotherframeanotherframeanotherframeanotherfr"
		c.set(slotOptOut, l.OptOut)
	}
	l.MessageID, l.Date = "another@dateline.example", time.Date(2031, 11, 30, 23, 59, 58, 0, time.UTC)
	want, err := k.appendByGoMail(nil, l, &c)
	if err != nil || !bytes.Equal(want, c.append(nil, l)) {
		return nil, err
	}
	return f, nil
}

// standIns are what stands in the place of a page's files while it is cut.
func standIns(p *page) [][]byte {
	files := make([][]byte, len(p.carries))
	for i := range files {
		files[i] = fmt.Appendf(nil, "the file %03d of a frame", i)
	}
	return files
}

// frameLetter is the letter whose own values are looked for in its message.
func frameLetter(e *edition, v variant) Letter {
	l := Letter{
		Recipient: press.Recipient{Address: "frame@dateline.example", Edition: e.Lang},
		SendKind:  v.kind, Held: v.held, Test: v.test,
		MessageID: "frame@dateline.example", Date: time.Date(2022, 3, 4, 13, 0, 0, 0, time.UTC),
	}
	if v.out {
		l.OptOut = "frameframeframeframeframeframeframeframeframe" // as long as any: the header is folded by length
	}
	return l
}

// cutFrame takes a message with empty texts apart. A header must be there once,
// and the boundary as often as two parts need it; false otherwise.
func cutFrame(message string, l Letter, sender press.Sender, files [][]byte) (*frame, bool) {
	const sign = "\x00" // followed by the mark
	boundary := string(appendBoundary(nil, alternativeName, l.MessageID))
	s := "\r\n" + message
	varies := map[mark]string{
		markDate: string(appendDate(nil, l.Date)),
		markID:   "Message-ID: <" + l.MessageID + ">\r\n",
		markTo:   "To: <" + string(l.Recipient.Address) + ">\r\n",
	}
	if l.OptOut != "" && sender.OptOut != "" {
		varies[markOptOut] = string(appendOptOut(nil, aroundToken(sender), l.OptOut))
	}
	for m, header := range varies {
		before, behind, ok := strings.Cut(s, "\r\n"+header)
		if !ok || strings.Contains("\r\n"+behind, "\r\n"+header) {
			return nil, false
		}
		s = before + "\r\n" + sign + string(m) + behind
	}
	parts := strings.Split(s, boundary) // the header's, and around either text
	if len(parts) != 5 || !strings.HasSuffix(parts[2], "\r\n\r\n\r\n--") || !strings.HasSuffix(parts[3], "\r\n\r\n\r\n--") {
		return nil, false
	}
	for i, m := range []mark{markText, markHTML} {
		head := strings.TrimSuffix(parts[2+i], "\r\n--")
		parts[2+i] = head + sign + string(m) + "\r\n--"
	}
	s = strings.Join(parts, sign+string(markBoundary))
	for kind, m := range map[string]mark{"mixed": markMixed, "related": markRelated} {
		s = strings.ReplaceAll(s, string(appendBoundary(nil, boundaryName(kind), l.MessageID)), sign+string(m))
	}
	for i, file := range files {
		before, behind, ok := strings.Cut(s, string(base64Lines(file)))
		if !ok {
			return nil, false
		}
		s = before + sign + string(markFile+mark(i)) + behind
	}
	f := &frame{optOut: aroundToken(sender)}
	for i, text := range strings.Split(strings.TrimPrefix(s, "\r\n"), sign) {
		if i > 0 {
			m, size := utf8.DecodeRuneInString(text)
			f.marks = append(f.marks, mark(m))
			text = text[size:]
		}
		f.texts = append(f.texts, text)
		f.size += len(text)
	}
	return f, true
}

// append makes a message from the page's frame.
func (c *filling) append(dst []byte, l Letter) []byte {
	p, f := c.page, c.page.frame
	var idRoom [64]byte
	boundary := appendBoundary(idRoom[:0], alternativeName, l.MessageID)
	head := 512 + len(l.MessageID) + len(l.Recipient.Address) + 2*len(c.plain[slotName])
	dst = slices.Grow(dst, f.size+head+p.text.room(&c.plain)+p.html.room(&c.escaped)+p.carriedSize())
	for i, text := range f.texts {
		dst = append(dst, text...)
		if i == len(f.marks) {
			break
		}
		switch f.marks[i] {
		case markDate:
			dst = appendDate(dst, l.Date)
		case markID:
			var room [256]byte
			dst = appendHeader(dst, "Message-ID", append(append(append(room[:0], '<'), l.MessageID...), '>'))
		case markTo:
			var room [512]byte
			dst = appendHeader(dst, "To", appendNamed(room[:0], c.plain[slotName], string(l.Recipient.Address)))
		case markOptOut:
			dst = appendOptOut(dst, f.optOut, l.OptOut)
		case markBoundary:
			dst = append(dst, boundary...)
		case markText:
			dst = p.text.encode(dst, &c.plain)
		case markHTML:
			dst = p.html.encode(dst, &c.escaped)
		case markMixed:
			dst = appendBoundary(dst, boundaryName("mixed"), l.MessageID)
		case markRelated:
			dst = appendBoundary(dst, boundaryName("related"), l.MessageID)
		default:
			dst = append(dst, p.carries[f.marks[i]-markFile].encoded...)
		}
	}
	return dst
}

// carriedSize is what the page's files take in a message.
func (p *page) carriedSize() int {
	n := 0
	for _, c := range p.carries {
		n += len(c.encoded)
	}
	return n
}

// aroundToken gives what stands before, between and behind the tokens of the
// header.
func aroundToken(s press.Sender) []string {
	const token = "tokentokentokentokentokentokentokentokentoken"
	return strings.Split(listUnsubscribe(s, token), token)
}

func appendOptOut(dst []byte, around []string, token string) []byte {
	var room [512]byte
	value := room[:0]
	for i, s := range around {
		if i > 0 {
			value = append(value, token...)
		}
		value = append(value, s...)
	}
	return appendHeader(dst, "List-Unsubscribe", value)
}

func appendDate(dst []byte, at time.Time) []byte {
	dst = append(dst, "Date: "...)
	return append(at.UTC().AppendFormat(dst, time.RFC1123Z), "\r\n"...)
}

// appendBoundary gives what stands between the parts of a multipart. It comes from the Message-ID, so that
// the same copy has the same bytes again.
func appendBoundary(dst []byte, name, messageID string) []byte {
	var room [256]byte
	sum := sha256.Sum256(append(room[:0], messageID...))
	return hex.AppendEncode(append(dst, name...), sum[:16])
}
