package ninjs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// rules are those of testdata/document.schema.json, which says where it is from.
func rules(t testing.TB) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile("testdata/document.schema.json")
	must(t, err)
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	must(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	must(t, c.AddResource("document.json", read))
	s, err := c.Compile("document.json")
	must(t, err)
	return s
}

// obeys tells what in a document is against the rules.
func obeys(s *jsonschema.Schema, document []byte) error {
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return s.Validate(read)
}

// The rules must find what they are there for: each change is one that a slip of
// the pen could bring.
func TestRulesFind(t *testing.T) {
	s, good := rules(t), string(made(t, story()))
	must(t, obeys(s, []byte(good)))
	for _, c := range []struct{ was, is, where string }{
		{`"pubStatus": "usable"`, `"pubStatus": "cancelled"`, "pubStatus"},
		{`"pubStatus"`, `"pubstatus"`, "pubstatus"},
		{`"embargoedUntil": "2027-03-04T18:00:00+05:00"`, `"embargoedUntil": "2027-03-04 18:00"`, "embargoedUntil"},
		{`"version": "1"`, `"version": 1`, "version"},
		{`"uri": "tag:`, `"uri": "tag `, "uri"},
		{`"edNote"`, `"ednote"`, "ednote"},
		{`"wordCount": 11`, `"wordCount": "11"`, "wordCount"},
		{`"contentType": "text/html",`, `"contentType": "text/html", "lang": "en",`, "lang"},
		{`"type": "web",`, `"type": "web", "address": {"lines": []},`, "contactInfo"},
		{`"value": "desk@conference.example"`, `"uri": "mailto:desk@conference.example"`, "contactInfo"},
		{`"rel": "http://cv.iptc.org/newscodes/itemrelation/seeAlso",`, `"url": "https://a.example",`, "url"},
		{`"href": "https://undocs.org/A/RES/60/288"`, `"href": "https://undocs.org/Ж"`, "href"},
	} {
		bad := strings.Replace(good, c.was, c.is, 1)
		if bad == good || !json.Valid([]byte(bad)) {
			t.Errorf("%s is not in the document, or %s makes no JSON", c.was, c.is)
			continue
		}
		if err := obeys(s, []byte(bad)); err == nil || !strings.Contains(err.Error(), c.where) {
			t.Errorf("with %s the rules found %v; %s is wanted", c.is, err, c.where)
		}
	}
}
