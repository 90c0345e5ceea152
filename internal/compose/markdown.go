package compose

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"dateline/internal/locale"
	"dateline/internal/markdown"
)

// storyMaker reads the Markdown of editions; no raw HTML comes through.
type storyMaker struct {
	md     goldmark.Markdown
	policy *bluemonday.Policy
}

// linkForm is what a link in an edition may begin with.
var linkForm = regexp.MustCompile(`(?i)^(https?://|mailto:|tel:)`)

var pictureForm = regexp.MustCompile(`^cid:[a-z0-9.@-]+$`)

func newStoryMaker() storyMaker {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "code", "pre",
		"blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "sup")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(dateline|whole|caption)$`)).OnElements("span")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(figure|heading)$`)).OnElements("p")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^notes$`)).OnElements("div")
	p.AllowAttrs("href").Matching(linkForm).OnElements("a")
	p.AllowAttrs("src").Matching(pictureForm).OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	return storyMaker{markdown.New(), p}
}

// setting is what a story needs besides its Markdown.
type setting struct {
	words    *locale.Language   // without it there are no headings over notes and links
	pictures map[string]picture // by the name that the Markdown has; any other is its words
}

// heading is one of the story's own headings.
func (s setting) heading(key string) string {
	if s.words == nil {
		return ""
	}
	said, err := s.words.Phrase(key)
	if err != nil {
		return "" // a phrase file without it is refused before
	}
	return said
}

// parse reads a body. Headings begin at the second level, the first being the
// headline's, and a picture that the mail does not carry becomes the text that
// stands for it.
func (m storyMaker) parse(src []byte, s setting) ast.Node {
	doc := m.md.Parser().Parse(text.NewReader(src))
	var images []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = max(n.Level, 2)
		case *ast.Image:
			if _, carried := s.pictures[string(n.Destination)]; !carried {
				images = append(images, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, image := range images {
		for c := image.FirstChild(); c != nil; c = image.FirstChild() {
			image.Parent().InsertBefore(image.Parent(), image, c)
		}
		image.Parent().RemoveChild(image.Parent(), image)
	}
	return doc
}

// page renders a body as sanitised HTML. A lead is run into the first
// paragraph, or stands in one of its own where the body opens otherwise.
func (m storyMaker) page(src, lead string, s setting) (string, error) {
	raw := []byte(src)
	doc := m.parse(raw, s)
	if lead != "" {
		span := `<span class="dateline">` + wholeWords(lead) + `</span>`
		first := doc.FirstChild()
		if first == nil || first.Kind() != ast.KindParagraph || figure(first) != nil {
			first = ast.NewParagraph()
			doc.InsertBefore(doc, doc.FirstChild(), first)
		} else {
			span += leadDash
		}
		first.InsertBefore(first, first.FirstChild(), markup(span))
	}
	m.showPictures(doc, raw, s)
	var b bytes.Buffer
	if err := m.md.Renderer().Render(&b, raw, doc); err != nil {
		return "", fmt.Errorf("rendering the text: %w", err)
	}
	return strings.TrimSpace(m.policy.Sanitize(notes(b.String(), s))), nil
}

// markup is HTML of our own among the nodes of a text.
func markup(s string) ast.Node {
	n := ast.NewString([]byte(s))
	n.SetCode(true)
	return n
}

var backLink = regexp.MustCompile(`&#160;<a href="#fnref[^"]*" class="footnote-backref" role="doc-backlink"></a>`)

// notes gives the footnotes the form that mail programs keep: they drop the
// places within a page that links would lead to.
func notes(page string, s setting) string {
	title := `<div class="notes">`
	if h := s.heading("notes.title"); h != "" {
		title += "\n<p class=\"heading\">" + html.EscapeString(h) + "</p>"
	}
	page = strings.Replace(page, `<div class="footnotes" role="doc-endnotes">`+"\n<hr>", title, 1)
	return backLink.ReplaceAllString(page, "")
}

// leadDash joins the dateline and the text: a no-break space, a dash, a space.
const leadDash = "\u00a0— "

// wholeWords escapes a lead, and keeps its hyphens from ending a line: a
// browser would break "2022-nji ýylyň" behind the year. A no-break hyphen would
// look the same, but go along into what a reader copies.
func wholeWords(lead string) string {
	words := strings.Split(lead, " ")
	for i, w := range words {
		part := ""
		if strings.Contains(w, "-") {
			part = w
		}
		words[i] = string(whole(part, w))
	}
	return strings.Join(words, " ")
}
