package proofs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
)

// letter is what a person looks at in a message beside its text.
type letter struct {
	From, Subject string
	Fields        []field
	Header        string   // as it stands in the message
	Attached      []string // files, with their sizes
}

// field is a line of the header, decoded.
type field struct {
	Name, Value string
	Missing     bool
}

// readLetter reads a message. Its error says what is wrong with it.
func readLetter(message []byte) (letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return letter{}, fmt.Errorf("reading the message's header: %w", err)
	}
	header, _, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	l := letter{Header: strings.ReplaceAll(string(header), "\r\n", "\n")}
	words := mime.WordDecoder{}
	for _, f := range []struct {
		name   string
		wanted bool
	}{
		{"From", true},
		{"To", true},
		{"Subject", true},
		{"Reply-To", false},
		{"Date", true},
		{"Message-ID", true},
		{"In-Reply-To", false},
		{"Content-Language", false},
		{"List-ID", false},
		{"List-Unsubscribe", true},
		{"List-Unsubscribe-Post", true},
	} {
		value := m.Header.Get(f.name)
		if value == "" && !f.wanted {
			continue
		}
		if decoded, err := words.DecodeHeader(value); err == nil {
			value = decoded
		}
		l.Fields = append(l.Fields, field{f.name, value, value == ""})
	}
	for _, signature := range m.Header["Dkim-Signature"] {
		l.Fields = append(l.Fields, field{Name: "DKIM signature", Value: signedBy(signature)})
	}
	l.From, l.Subject = l.Fields[0].Value, l.Fields[2].Value
	if a, err := (&mail.AddressParser{WordDecoder: &words}).Parse(m.Header.Get("From")); err == nil && a.Name != "" {
		l.From = a.Name
	}
	l.Attached, err = attached(m)
	return l, err
}

// signedBy tells the domain and selector of a DKIM signature.
func signedBy(signature string) string {
	var told []string
	for _, tag := range strings.Split(signature, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(tag), "=")
		if name == "d" || name == "s" || name == "a" {
			told = append(told, name+"="+strings.TrimSpace(value))
		}
	}
	return strings.Join(told, "; ")
}

// attached lists the files that a message carries.
func attached(m *mail.Message) ([]string, error) {
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return nil, nil //nolint:nilerr // one text, and no files
	}
	var files []string
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the message's parts: %w", err)
		}
		how, _, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil || how != "attachment" {
			continue
		}
		n, err := io.Copy(io.Discard, part)
		if err != nil {
			return nil, fmt.Errorf("reading the message's parts: %w", err)
		}
		files = append(files, fmt.Sprintf("%s, %s in the mail", part.FileName(), kilobytes(int(n))))
	}
}

// kilobytes tells a size as mail programs reckon it.
func kilobytes(n int) string { return fmt.Sprintf("%.1f KB", float64(n)/1024) }
