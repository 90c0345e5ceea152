package compose

import (
	"strings"
	"testing"
)

// A comment that accepts a finding changes no byte of a message, wherever it
// stands.
func TestLintCommentsReachNoMessage(t *testing.T) {
	render := func(body string) (html, text string) {
		f := small(t)
		f.Release.Editions[0].Body = body
		if faults := Check(f); len(faults) > 0 {
			t.Fatalf("%q: %v", body, faults)
		}
		r, err := newKit(t, f).Render(letter("en"))
		must(t, err)
		return r.HTML, r.Text
	}
	html, text := render("One\ntwo.\n\n- a\n- b\n\n|a|b|\n|-|-|\n|1|2|\n")
	for _, body := range []string{
		"<!-- lint: numbers -->\nOne\ntwo.\n\n- a\n- b\n\n|a|b|\n|-|-|\n|1|2|\n",
		"One\n<!-- lint: names: a reason -->\ntwo.\n\n- a\n- b\n\n|a|b|\n|-|-|\n|1|2|\n",
		"One <!-- lint: names, links -->\ntwo. <!-- lint: spaces — a reason -->\n\n- a\n- b\n\n|a|b|\n|-|-|\n|1|2|\n",
		"One\ntwo.\n\n- a\n<!-- lint: links -->\n- b\n\n|a|b|\n|-|-|\n|1|2|\n",
		"One\ntwo.\n\n- a\n- b\n\n|a|b|\n|-|-|\n<!-- lint: numbers -->\n|1|2|\n<!-- lint: numbers -->\n",
	} {
		h, x := render(body)
		if h != html || x != text {
			t.Errorf("%q reads otherwise:\n%s\n%s", body, h, x)
		}
		if strings.Contains(h+x, "lint") {
			t.Errorf("%q: the comment is in the message", body)
		}
	}
}
