package contactfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	utf "golang.org/x/text/encoding/unicode"
)

// sampleBytes is how much of a file its encoding is guessed from.
const sampleBytes = 64 << 10

// utf8Name is the encoding of a file that needs no decoding.
const utf8Name = "UTF-8"

// charset is an encoding with the name that people know it by; UTF-8 has no
// encoding.
type charset struct {
	name string
	encoding.Encoding
}

func utf16(name string, order utf.Endianness) charset {
	return charset{name, utf.UTF16(order, utf.IgnoreBOM)}
}

// namedCharset finds an encoding by its name at IANA, or by a name in use.
func namedCharset(name string) (charset, error) {
	folded := strings.ToLower(strings.TrimSpace(name))
	folded = strings.NewReplacer("win-", "windows-", "cp125", "windows-125", "_", "-").Replace(folded)
	switch folded {
	case "utf-8", "utf8":
		return charset{name: utf8Name}, nil
	case "utf-16le", "utf16le":
		return utf16("UTF-16LE", utf.LittleEndian), nil
	case "utf-16", "utf16": // RFC 2781: the mark tells, and without one it is big-endian
		return charset{"UTF-16", utf.UTF16(utf.BigEndian, utf.UseBOM)}, nil
	case "utf-16be", "utf16be":
		return utf16("UTF-16BE", utf.BigEndian), nil
	}
	e, err := ianaindex.IANA.Encoding(folded)
	if err != nil || e == nil {
		e, err = htmlindex.Get(folded)
	}
	if err != nil || e == nil {
		return charset{}, fmt.Errorf("%q is no encoding that is known; utf-8, utf-16le, windows-1251, koi8-r, windows-1252 and others by their names at IANA are", name)
	}
	if official, err := ianaindex.IANA.Name(e); err == nil {
		name = official
	}
	return charset{name, e}, nil
}

// charsetOf tells the encoding of a text by its beginning: by its byte order
// mark, by its zero bytes, as UTF-8 where it is that, and else the one of three
// in which it reads most like a language. It tells whether it had to guess.
func charsetOf(head []byte, whole bool) (c charset, guessed bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\ufeff")):
		return charset{name: utf8Name}, false
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16("UTF-16LE", utf.LittleEndian), false
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16("UTF-16BE", utf.BigEndian), false
	}
	if order, ok := zeroBytes(head); ok {
		return utf16(map[utf.Endianness]string{utf.LittleEndian: "UTF-16LE", utf.BigEndian: "UTF-16BE"}[order], order), true
	}
	if mostlyUTF8(head, whole) {
		return charset{name: utf8Name}, false
	}
	return guessCharset(head), true
}

// zeroBytes tells UTF-16 of texts in which ASCII is common: half of its bytes,
// the first or the second ones, are zero.
func zeroBytes(head []byte) (utf.Endianness, bool) {
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	pairs := len(head) / 2
	switch {
	case pairs > 4 && odd > pairs/4 && even < odd/8:
		return utf.LittleEndian, true
	case pairs > 4 && even > pairs/4 && odd < even/8:
		return utf.BigEndian, true
	}
	return utf.LittleEndian, false
}

// mostlyUTF8 tells whether a text is UTF-8, a few broken bytes aside: those are
// told where they stand. A character that the sample cuts is none.
func mostlyUTF8(head []byte, whole bool) bool {
	good, bad := 0, 0
	for len(head) > 0 {
		r, size := utf8.DecodeRune(head)
		switch {
		case r == utf8.RuneError && size == 1 && !whole && len(head) < utf8.UTFMax && !utf8.FullRune(head):
			return bad == 0 || good > 20*bad
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		head = head[size:]
	}
	return bad == 0 || good > 20*bad
}

// guessCharset weighs the encodings that newsrooms' old files come in.
func guessCharset(head []byte) charset {
	cyrillic := []charset{{"windows-1251", charmap.Windows1251}, {"KOI8-R", charmap.KOI8R}}
	best, most := charset{"windows-1252", charmap.Windows1252}, latinWeight(head)
	for _, c := range cyrillic {
		text, err := c.NewDecoder().Bytes(head)
		if err != nil {
			continue
		}
		if w := cyrillicWeight(string(text)); w > most {
			best, most = c, w
		}
	}
	return best
}

// latinWeight is how many letters beyond ASCII stand beside ones within: in
// Latin writing nearly all, in Cyrillic nearly none.
func latinWeight(head []byte) int {
	ascii := func(i int) bool {
		return i >= 0 && i < len(head) && (head[i]|0x20 >= 'a' && head[i]|0x20 <= 'z')
	}
	n := 0
	for i, b := range head {
		if b < 0x80 {
			continue
		}
		if ascii(i-1) || ascii(i+1) {
			n += 60
		} else {
			n -= 60
		}
	}
	return n
}

// cyrillicWeight tells how much a text reads like one in Russian, or one of its
// neighbours: with the letters that are common in it, and no capital behind a
// small letter. In the wrong encoding the cases are swapped, and the letters
// are others.
func cyrillicWeight(text string) int {
	// In thousandths of Russian texts, from а to я.
	common := [...]int{80, 16, 45, 17, 30, 85, 9, 16, 74, 12, 35, 44, 32, 67, 110, 28, 47, 55, 63, 26, 3, 10, 5, 14, 7, 4, 0, 19, 17, 3, 6, 20}
	const usual = 30
	n := 0
	before := ' '
	for _, r := range text {
		switch small := unicode.ToLower(r); {
		case r < utf8.RuneSelf:
		case small >= 'а' && small <= 'я':
			n += common[small-'а'] - usual
		case !unicode.Is(unicode.Cyrillic, r):
			n -= usual
		}
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			n -= 3 * usual
		}
		before = r
	}
	return n
}

// decoded reads a file as UTF-8, whatever it is in. What cannot be decoded
// becomes U+FFFD, which no cell may have.
func (c charset) decoded(r io.Reader) io.Reader {
	if c.Encoding == nil {
		return r
	}
	return c.NewDecoder().Reader(r)
}
