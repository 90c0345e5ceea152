package desk

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"dateline/internal/compose"
)

// withPictures puts the pictures that a message carries into its HTML, since a
// browser has no message to take them from: each cid: URL (RFC 2392) becomes a
// data: URL. One of no part stays as it is.
func withPictures(page string, message []byte) (string, error) {
	if !strings.Contains(page, "cid:") {
		return page, nil
	}
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return "", fmt.Errorf("reading the message's pictures: %w", err)
	}
	found := pictures{}
	if err := found.read(textproto.MIMEHeader(m.Header), m.Body, 0); err != nil {
		return "", fmt.Errorf("reading the message's pictures: %w", err)
	}
	return found.into(page)
}

// pictures are data: URLs by Content-ID.
type pictures map[string]string

// maxNesting is how deep parts may stand in parts.
const maxNesting = 10

func (p pictures) read(h textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || depth > maxNesting {
		return nil //nolint:nilerr // no picture, whatever else it is
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := p.read(part.Header, part, depth+1); err != nil {
				return err
			}
		}
	}
	id := strings.Trim(strings.TrimSpace(h.Get("Content-Id")), "<>")
	if id == "" || !strings.HasPrefix(kind, "image/") {
		return nil
	}
	if strings.EqualFold(strings.TrimSpace(h.Get("Content-Transfer-Encoding")), "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("the picture %s: %w", id, err)
	}
	p[id] = "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
	return nil
}

var cidURL = regexp.MustCompile(`cid:[^\s"'()<>\\]+`)

// into puts the pictures into attributes and styles; what the text says of cid:
// stays as it is.
func (p pictures) into(page string) (string, error) {
	replace := func(s string) string {
		return cidURL.ReplaceAllStringFunc(s, func(found string) string {
			id, err := url.PathUnescape(strings.TrimPrefix(found, "cid:"))
			if data, ok := p[id]; err == nil && ok {
				return data
			}
			return found
		})
	}
	return compose.RewriteHTML(page, func(raw string, t html.Token) string {
		changed := false
		for i, a := range t.Attr {
			t.Attr[i].Val = replace(a.Val)
			changed = changed || t.Attr[i].Val != a.Val
		}
		if changed {
			return t.String()
		}
		return raw
	}, replace)
}
