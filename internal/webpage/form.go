package webpage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

// Bounds of a form.
const (
	maxForm   = 16 << 10
	maxFields = 50
)

// ErrForm says that a request has no form that could be read.
var ErrForm = errors.New("the form cannot be read")

// ReadForm reads a POST in either encoding of forms, and nothing beside it: no
// file, no query.
func ReadForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil || len(form) > maxFields {
			return nil, ErrForm
		}
		return form, nil
	case "multipart/form-data":
		return readParts(body, params["boundary"])
	default:
		return nil, ErrForm
	}
}

func readParts(body []byte, boundary string) (url.Values, error) {
	if boundary == "" {
		return nil, ErrForm
	}
	form := url.Values{}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil || n >= maxFields {
			return nil, ErrForm
		}
		value, err := io.ReadAll(io.LimitReader(part, maxForm))
		if err != nil {
			return nil, ErrForm
		}
		if part.FileName() == "" {
			form.Add(part.FormName(), string(value))
		}
	}
}

// WriteJSON writes what is never a fault to encode.
func WriteJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // whoever went away does not want it
}
