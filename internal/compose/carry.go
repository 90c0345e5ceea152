package compose

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"mime"
	"net/textproto"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/wneessen/go-mail"

	"dateline/internal/press"
)

// carried is a file in a mail, with its headers and its encoded bytes, which
// all mails share.
type carried struct {
	name    string
	headers textproto.MIMEHeader
	inline  bool // a picture that the page shows, beside the texts
	data    []byte
	encoded []byte // base64 in lines, with their ends
}

func newCarried(name, mediaType string, data []byte, id string) carried {
	c := carried{name: name, headers: textproto.MIMEHeader{}, inline: id != "", data: data, encoded: base64Lines(data)}
	disposition := "attachment"
	if c.inline {
		disposition = "inline"
		c.headers.Set("Content-ID", "<"+id+">")
	}
	if strings.HasPrefix(mediaType, "text/") {
		mediaType += "; charset=utf-8"
	}
	c.headers.Set("Content-Type", mediaType)
	c.headers.Set("Content-Disposition", withName(disposition, name))
	return c
}

// withName is a Content-Disposition (RFC 2183), its name in ASCII or as RFC 2231
// has those that are not.
func withName(disposition, name string) string {
	whole := mime.FormatMediaType(disposition, map[string]string{"filename": name})
	return strings.Replace(whole, "; ", ";\r\n ", 1)
}

// base64Lines encodes as go-mail does: lines of 76 characters, each with its end.
func base64Lines(data []byte) []byte {
	e := encoder{base64: true, out: make([]byte, 0, base64.StdEncoding.EncodedLen(len(data))*78/76+4)}
	e.write(data)
	e.close()
	return e.out
}

// carry gathers what an edition's mails carry: the pictures that it shows, the
// background documents, its attachments.
func carry(f press.Frozen, e press.Edition, shown []picture) ([]carried, error) {
	var all []carried
	for _, p := range shown {
		all = append(all, newCarried(path.Base(p.file.Name), p.file.Type, p.file.Data, p.id))
	}
	var names []string
	for _, b := range f.Release.Background {
		if b.File != "" {
			names = append(names, b.File)
		}
	}
	for i, name := range append(names, e.Attachments...) {
		if i >= len(names) && slices.Contains(names, name) {
			continue
		}
		file, ok := f.Release.File(name)
		if !ok {
			return nil, fmt.Errorf("the file %s is not in the release's folder", name)
		}
		all = append(all, newCarried(path.Base(name), file.Type, file.Data, ""))
	}
	return all, nil
}

// addTo gives a message the file.
func (c carried) addTo(m *mail.Msg, data []byte) error {
	headed := func(f *mail.File) {
		f.Header = maps.Clone(c.headers)
	}
	add := m.AttachReader
	if c.inline {
		add = m.EmbedReader
	}
	if err := add(c.name, bytes.NewReader(data), headed); err != nil {
		return fmt.Errorf("attaching %s: %w", c.name, err)
	}
	return nil
}

// multiparts are the parts that hold others, as go-mail writes them where it
// chooses their boundaries.
var multiparts = regexp.MustCompile(`multipart/(mixed|related|alternative);\r\n boundary=([0-9a-f]{60})`)

// settle puts boundaries that come from the Message-ID in the place of those
// that go-mail chose, so that the same copy has the same bytes again.
func settle(message []byte, messageID string) []byte {
	for _, m := range multiparts.FindAllSubmatch(message, -1) {
		chosen := bytes.Clone(m[2])
		message = bytes.ReplaceAll(message, chosen, appendBoundary(nil, boundaryName(string(m[1])), messageID))
	}
	return message
}

const alternativeName = "dateline-"

// boundaryName is how the boundary of a multipart begins; none begins as
// another does.
func boundaryName(kind string) string {
	if kind == "alternative" {
		return alternativeName
	}
	return kind + "-"
}
