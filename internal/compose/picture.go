package compose

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"image"
	_ "image/gif"  // so that their sizes can be read
	_ "image/jpeg" // as above
	_ "image/png"  // as above

	"github.com/yuin/goldmark/ast"

	"dateline/internal/markdown"
	"dateline/internal/press"
)

// maxShown is how wide a picture is shown, in pixels: the sheet's 640 without
// its margins.
const maxShown = 544

// picture is a picture that the mail carries.
type picture struct {
	file          press.File
	id            string // its Content-ID (RFC 2392), without the angle brackets
	width, height int    // as it is shown
}

// pictures are those that an edition shows, by the name that its Markdown has,
// and in the order in which it shows them.
func pictures(f press.Frozen, body string) (shown map[string]picture, order []picture) {
	shown = map[string]picture{}
	for _, p := range markdown.Pictures(body) {
		file, ok := f.Release.File(p.File)
		if _, already := shown[p.File]; already || !ok {
			continue
		}
		size, _, err := image.DecodeConfig(bytes.NewReader(file.Data))
		if err != nil {
			continue // its words stand for it
		}
		sum := sha256.Sum256(file.Data)
		made := picture{file: file, id: "picture-" + hex.EncodeToString(sum[:8]) + "@" + f.Sender.From.Domain(), width: size.Width, height: size.Height}
		if made.width > maxShown {
			made.width, made.height = maxShown, max(size.Height*maxShown/size.Width, 1)
		}
		shown[p.File] = made
		order = append(order, made)
	}
	return shown, order
}

// showPictures puts the pictures of a text into its page. One that has a
// paragraph of its own is a figure, and its title the caption.
func (m storyMaker) showPictures(doc ast.Node, src []byte, s setting) {
	var images []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if image, ok := n.(*ast.Image); ok && entering {
			images = append(images, image)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range images {
		p := s.pictures[string(n.Destination)]
		shown := `<img src="cid:` + p.id + `" alt="` + html.EscapeString(words(n, src)) + `"` + fmt.Sprintf(` width="%d" height="%d">`, p.width, p.height)
		if parent := n.Parent(); figure(parent) != nil {
			parent.SetAttributeString("class", []byte("figure"))
			if len(n.Title) > 0 {
				shown += `<br><span class="caption">` + html.EscapeString(clean(unescape(string(n.Title)))) + `</span>`
			}
		}
		n.Parent().ReplaceChild(n.Parent(), n, markup(shown))
	}
}

// figure is the picture that a paragraph consists of; nil of any other node.
func figure(n ast.Node) *ast.Image {
	if n == nil || n.Kind() != ast.KindParagraph || n.ChildCount() != 1 {
		return nil
	}
	only, _ := n.FirstChild().(*ast.Image)
	return only
}

// words are those that stand for a picture.
func words(n *ast.Image, src []byte) string { return clean(unescape(markdown.Words(n, src))) }

// picture writes the words that stand for a picture, and its caption.
func (p *plainStory) picture(n *ast.Image) string {
	alt := words(n, p.src)
	text := "[" + alt + "]"
	if p.words != nil {
		if said, err := p.words.Phrase("picture", "alt", alt); err == nil {
			text = said
		}
	}
	if figure(n.Parent()) != nil && len(n.Title) > 0 {
		text += " " + clean(unescape(string(n.Title)))
	}
	return text
}
