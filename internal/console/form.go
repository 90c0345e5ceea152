package console

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

// values are a form's fields.
type values = url.Values

var errForm = errors.New("the form cannot be read")

// readForm reads a POST in either encoding of forms, and nothing beside it: no
// file, no query.
func readForm(w http.ResponseWriter, r *http.Request) (values, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil || len(form) > maxFields {
			return nil, errForm
		}
		return form, nil
	case "multipart/form-data":
		return readParts(body, params["boundary"])
	default:
		return nil, errForm
	}
}

func readParts(body []byte, boundary string) (values, error) {
	if boundary == "" {
		return nil, errForm
	}
	form := values{}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil || n >= maxFields {
			return nil, errForm
		}
		value, err := io.ReadAll(io.LimitReader(part, maxForm))
		if err != nil {
			return nil, errForm
		}
		if part.FileName() == "" {
			form.Add(part.FormName(), string(value))
		}
	}
}

// writeJSON writes what is never a fault to encode.
func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // whoever went away does not want it
}
