package compose

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/vanng822/go-premailer/premailer"
	"golang.org/x/net/html"
)

// keptStyle is the mark on a <style> that stays where it is, for its media
// queries; mail programs need not see the mark.
var keptStyle = regexp.MustCompile(`(<style[^>]*) data-premailer="ignore"`)

// inline moves a page's styles into its elements, since many mail programs
// drop the <style> of a head; the one marked data-premailer="ignore" stays.
func inline(page string) (string, error) {
	p, err := premailer.NewPremailerFromString(page, premailer.NewOptions(premailer.WithCssToAttributes(false)))
	if err != nil {
		return "", fmt.Errorf("reading the page's HTML: %w", err)
	}
	out, err := p.Transform()
	if err != nil {
		return "", fmt.Errorf("moving the page's styles into its elements: %w", err)
	}
	out = keptStyle.ReplaceAllString(out, "$1")
	return blankLines.ReplaceAllString(out, "\n") + "\n", nil
}

var blankLines = regexp.MustCompile(`\s*\n\s*\n\s*`)

var (
	errAttribute = errors.New("a value of .Contact, or of the contact's telling, stands in an attribute, a comment, a style or a script; it may stand in running text alone")
	errPeeks     = errors.New("the page changes with what .Contact's values are; a template can print them and ask whether they are there, no more")
)

// checkPlaces tells whether every token of a page stands in running text, the
// only place for which a contact's values are escaped. That of an opt-out link
// may stand in an attribute: it is letters and digits.
func (t tokens) checkPlaces(page string) error {
	z := html.NewTokenizer(strings.NewReader(strings.ReplaceAll(page, t.of(slotOptOut), "")))
	inside := ""
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) {
				return nil
			}
			return fmt.Errorf("reading the page's HTML: %w", z.Err())
		case html.TextToken:
			if (inside == "style" || inside == "script") && strings.Contains(string(z.Raw()), t.prefix) {
				return errAttribute
			}
		case html.StartTagToken:
			if strings.Contains(string(z.Raw()), t.prefix) {
				return errAttribute
			}
			name, _ := z.TagName()
			inside = string(name)
		default:
			inside = ""
			if strings.Contains(string(z.Raw()), t.prefix) {
				return errAttribute
			}
		}
	}
}
