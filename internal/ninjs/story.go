package ninjs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dateline/internal/press"
)

// seeAlso is how IPTC's vocabulary of relations between items calls what is worth
// reading beside this one.
const seeAlso = "http://cv.iptc.org/newscodes/itemrelation/seeAlso"

// tell fills in the story itself.
func (in Input) tell(d *document) error {
	var faults []error
	for _, text := range []struct{ what, s string }{
		{"headline", in.Edition.Headline}, {"plain text", in.Text}, {"HTML", in.HTML},
	} {
		if strings.TrimSpace(text.s) == "" {
			faults = append(faults, fmt.Errorf("the story's %s is missing", text.what))
		}
	}
	if page := strings.ToLower(in.HTML); strings.Contains(page, "<body") || strings.Contains(page, "<html") {
		faults = append(faults, errors.New("the HTML is a whole page, which may have a recipient's own links in it; the story's fragment alone is wanted"))
	}
	related, err := in.associations()
	d.UsageTerms = in.UsageTerms
	d.Title = in.Edition.Subject
	d.Genres = []named{{genre(in.Release.Kind)}}
	d.Located = strings.Join(in.Edition.Cities, ", ")
	d.Headlines = []headline{{Role: "main", ContentType: "text/plain", Value: in.Edition.Headline}}
	d.Bodies = []body{
		{
			Role: "main", ContentType: "text/plain", Value: in.Text,
			CharCount: utf8.RuneCountInString(in.Text), WordCount: wordCount(in.Edition.Lang, in.Text),
		},
		{Role: "richtext", ContentType: "text/html", Value: in.HTML},
	}
	if in.Edition.Event != "" {
		d.Events = []named{{in.Edition.Event}}
	}
	d.Associations = related
	return errors.Join(append(faults, err)...)
}

func genre(k press.ReleaseKind) string {
	switch k {
	case press.Advisory:
		return "Advisory"
	default:
		return "Press Release"
	}
}

// wordCount counts what stands between white space and has a letter or a digit.
// For languages that part their words by nothing there is no count.
func wordCount(l press.Lang, text string) int {
	base, _, _ := strings.Cut(string(l), "-")
	switch base {
	case "zh", "yue", "ja", "th", "lo", "km", "my", "bo", "dz":
		return 0
	}
	n := 0
	for _, word := range strings.Fields(text) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}

// associations are what the story corrects, where to read more, and the papers
// that it leans on.
func (in Input) associations() ([]association, error) {
	var all []association
	var faults []error
	if r := in.Release; r.Kind == press.Correction && r.About != "" && told(in.AboutCreated) {
		uri, err := in.uri(in.AboutCreated, r.About)
		faults = append(faults, err)
		all = append(all, association{Name: r.About, Rel: "corrects", URI: uri})
	}
	if site := in.Release.Website; site != "" {
		a, err := in.paper("website", "the release's website", press.Background{URL: site})
		faults = append(faults, err)
		all = append(all, a)
	}
	for i, p := range in.Release.Background {
		if p.File != "" {
			continue // it lies beside the document, in the same mail
		}
		n := strconv.Itoa(i + 1)
		a, err := in.paper("background-"+n, "the address of background paper "+n, p)
		faults = append(faults, err)
		all = append(all, a)
	}
	return all, errors.Join(faults...)
}

// paper is a document elsewhere. It is named below the story, for its own uri is
// not ours to give.
func (in Input) paper(id, what string, p press.Background) (association, error) {
	href, err := link(what, p.URL)
	if err != nil {
		return association{}, err
	}
	story, _ := in.uri(in.FirstCreated, in.Release.Slug) // a fault of it is told of the story itself
	title := p.Title.In(in.Edition.Lang)
	name := title
	if name == "" {
		name = p.URL
	}
	return association{
		Name: name, Rel: seeAlso, URI: story + ":" + id,
		Renditions: []rendition{{Name: "web", Href: href, Title: title}},
	}, nil
}
