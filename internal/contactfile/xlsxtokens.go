package contactfile

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Bounds of a part's XML, which encoding/xml has none of: it gathers a token
// whole, however long, and remembers every element that is open.
const (
	maxToken = 1 << 20 // bytes; a cell of the most characters that there may be takes a fifth of it
	maxDepth = 100     // elements within each other; a sheet has some ten
	// maxQuiet is how many bytes may go by without a row that has text. A sheet
	// whose every row is formatted, and empty, has fewer; reading on would take
	// time for nothing.
	maxQuiet = 512 << 20
)

// tokens gives the tokens of a part within the bounds. What lies around it, such
// as whether elements end as they began, is the outer decoder's to check.
type tokens struct {
	raw   *xml.Decoder
	in    *allowance
	depth int
	heard int64 // where the last row with text ended
	quiet int64 // how far may be read on from there
}

// allowance is a reader that one token may take so much of.
type allowance struct {
	io.Reader
	left int
}

var errLongToken = errors.New("one piece of its XML is longer than 1 MiB")

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errLongToken
	}
	n, err := a.Reader.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}

// newTokens makes a decoder whose tokens come within the bounds.
func newTokens(r io.Reader) (*tokens, *xml.Decoder) {
	in := &allowance{Reader: r}
	t := &tokens{raw: xml.NewDecoder(bufio.NewReaderSize(in, 64<<10)), in: in, quiet: maxQuiet}
	return t, xml.NewTokenDecoder(t)
}

// Token gives the next token, for the outer decoder.
func (t *tokens) Token() (xml.Token, error) {
	t.in.left = maxToken
	token, err := t.raw.RawToken()
	switch token.(type) {
	case xml.StartElement:
		t.depth++
	case xml.EndElement:
		t.depth--
	}
	switch {
	case err != nil:
		return token, err
	case t.depth > maxDepth:
		return nil, fmt.Errorf("more than %d elements of its XML stand within each other", maxDepth)
	case t.raw.InputOffset()-t.heard > t.quiet:
		return nil, fmt.Errorf("%d MiB of it have no row with any text", t.quiet>>20)
	}
	return token, nil
}

// hear notes that there was a row with text.
func (t *tokens) hear() { t.heard = t.raw.InputOffset() }
