package compose

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// storyMaker reads the Markdown of editions: CommonMark with tables and bare
// links, no raw HTML.
type storyMaker struct {
	md     goldmark.Markdown
	policy *bluemonday.Policy
}

// linkForm is what a link in an edition may begin with.
var linkForm = regexp.MustCompile(`(?i)^(https?://|mailto:|tel:)`)

func newStoryMaker() storyMaker {
	md := goldmark.New(goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
		extension.Linkify,
	))
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "code", "pre",
		"blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(dateline|whole)$`)).OnElements("span")
	p.AllowAttrs("href").Matching(linkForm).OnElements("a")
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	return storyMaker{md, p}
}

// parse reads a body. Headings begin at the second level, the first being the
// headline's, and a picture becomes the text that stands for it.
func (m storyMaker) parse(src []byte) ast.Node {
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
			images = append(images, n)
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
func (m storyMaker) page(src, lead string) (string, error) {
	raw := []byte(src)
	doc := m.parse(raw)
	if lead != "" {
		span := `<span class="dateline">` + wholeWords(lead) + `</span>`
		first := doc.FirstChild()
		if first == nil || first.Kind() != ast.KindParagraph {
			first = ast.NewParagraph()
			doc.InsertBefore(doc, doc.FirstChild(), first)
		} else {
			span += leadDash
		}
		s := ast.NewString([]byte(span))
		s.SetCode(true)
		first.InsertBefore(first, first.FirstChild(), s)
	}
	var b bytes.Buffer
	if err := m.md.Renderer().Render(&b, raw, doc); err != nil {
		return "", fmt.Errorf("rendering the text: %w", err)
	}
	return strings.TrimSpace(m.policy.Sanitize(b.String())), nil
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
