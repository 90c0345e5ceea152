package layers

import (
	"fmt"
	"html"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The picture: faces on top, use cases and adapters side by side since neither
// knows the other, pure packages and the domain below. Arrows say who imports
// whom; one that follows from two others is left out.
const (
	pictureWidth = 1200
	margin       = 24
	alley        = 44 // between the bands that stand side by side
	cardHeight   = 70
	cardGap      = 10
	bandPad      = 16
	bandHead     = 30
	arrowGap     = 46
	letterWidth  = 6
)

// band is a layer as it is drawn.
type band struct {
	layer
	title   string
	columns int
	width   int
	x, y    int
}

func (b *band) cardWidth() int {
	return (b.width - 2*bandPad - (b.columns-1)*cardGap) / b.columns
}

func (b *band) height() int {
	rows := (len(b.packages) + b.columns - 1) / b.columns
	return bandHead + rows*cardHeight + (rows-1)*cardGap + bandPad
}

func (b *band) bottom() int { return b.y + b.height() }

// bands are laid out by hand, their heights by what they hold.
func bands() map[string]*band {
	titles := map[string]string{
		"faces": "5  Faces: people and programs meet them", "use cases": "4  Use cases: what is to happen", "adapters": "3  Adapters: the world outside",
		"pure": "2  Pure: values in, values out", "domain": "1  Domain: the words and rules of the trade", "files": "Files that people read and edit, embedded",
	}
	found := map[string]*band{}
	for _, l := range layers() {
		found[l.name] = &band{layer: l, title: titles[l.name], columns: 6, width: pictureWidth - 2*margin, x: margin}
	}
	faces, use, adapters, pure, domain, files := found["faces"], found["use cases"], found["adapters"], found["pure"], found["domain"], found["files"]
	faces.columns, files.columns = 5, 3
	for _, half := range []*band{use, pure, adapters} {
		half.columns, half.width = 3, (pictureWidth-2*margin-alley)/2
	}
	adapters.x = pictureWidth - margin - adapters.width
	faces.y = margin
	use.y = faces.bottom() + arrowGap
	adapters.y = use.y
	pure.y = use.bottom() + arrowGap
	domain.y = max(pure.bottom(), adapters.bottom()) + arrowGap
	files.y = domain.bottom() + cardGap
	return found
}

func (tr tree) picture() string {
	all := bands()
	height := all["files"].bottom() + margin
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"title\">\n", pictureWidth, height)
	b.WriteString("<title id=\"title\">The layers of Dateline, their packages, and who imports whom</title>\n" + pictureStyle)
	fmt.Fprintf(&b, "<rect class=\"page\" width=\"%d\" height=\"%d\" rx=\"12\"/>\n", pictureWidth, height)
	for _, l := range layers() {
		tr.drawBand(&b, all[l.name])
	}
	tr.drawArrows(&b, all)
	b.WriteString("</svg>\n")
	return b.String()
}

const pictureStyle = `<style>
svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;--page:#fff;--card:#fff;--ink:#1b2430;--soft:#526071;--line:#9aa7b5;--edge:#0000001f}
.page{fill:var(--page)}.card{fill:var(--card);stroke:var(--edge)}
.head{font-size:14px;font-weight:600;fill:var(--ink)}.name{font-size:13px;font-weight:600;fill:var(--ink)}
.says{font-size:11px;fill:var(--soft)}.count{font-size:12px;fill:var(--soft)}
.arrow{stroke:var(--line);stroke-width:2;fill:none}.tip{fill:var(--line)}
.l0{fill:#e9ecef}.l1{fill:#fbe3d0}.l2{fill:#fcf0c3}.l3{fill:#d5e8f7}.l4{fill:#d9efdc}.l5{fill:#e8e0f5}
.d0{fill:#8a949e}.d1{fill:#d9722e}.d2{fill:#c79a00}.d3{fill:#2b7fc0}.d4{fill:#3b9150}.d5{fill:#7a56b8}
@media(prefers-color-scheme:dark){svg{--page:#0d1117;--card:#161b22;--ink:#e6edf3;--soft:#a4b0bd;--line:#6e7a87;--edge:#ffffff24}
.l0{fill:#20262d}.l1{fill:#3d2717}.l2{fill:#37300f}.l3{fill:#14304a}.l4{fill:#173420}.l5{fill:#2c2143}}
</style>
`

func (tr tree) drawBand(b *strings.Builder, band *band) {
	fmt.Fprintf(b, "<rect class=\"l%d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"10\"/>\n", band.number, band.x, band.y, band.width, band.height())
	fmt.Fprintf(b, "<text class=\"head\" x=\"%d\" y=\"%d\">%s</text>\n", band.x+bandPad, band.y+21, html.EscapeString(band.title))
	cardWidth := band.cardWidth()
	for i, pkg := range band.packages {
		x := band.x + bandPad + i%band.columns*(cardWidth+cardGap)
		y := band.y + bandHead + i/band.columns*(cardHeight+cardGap)
		fmt.Fprintf(b, "<rect class=\"card\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", x, y, cardWidth, cardHeight)
		fmt.Fprintf(b, "<text class=\"name\" x=\"%d\" y=\"%d\">%s</text>\n", x+10, y+20, path.Base(pkg))
		for n, line := range wrapped(short(tr.says[pkg]), (cardWidth-20)/letterWidth) {
			fmt.Fprintf(b, "<text class=\"says\" x=\"%d\" y=\"%d\">%s</text>\n", x+10, y+36+13*n, html.EscapeString(line))
		}
		for n, number := range tr.reaches(pkg) {
			fmt.Fprintf(b, "<circle class=\"d%d\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", number, x+cardWidth-13-11*n, y+15)
		}
	}
}

// reaches are the numbers of the layers that a package imports from, from the
// lowest up.
func (tr tree) reaches(pkg string) []int {
	var found []int
	for _, l := range layers() {
		if imports(tr.imports, []string{pkg}, l.packages) > 0 {
			found = append(found, l.number)
		}
	}
	return found
}

// imports counts those of some packages from others.
func imports(g graph, from, to []string) int {
	n := 0
	for _, pkg := range from {
		for _, imported := range g[pkg] {
			if own, ok := strings.CutPrefix(imported, module+"/"); ok && own != pkg && slices.Contains(to, own) {
				n++
			}
		}
	}
	return n
}

// arrow goes from one layer to another.
type arrow struct {
	from, to string
	imports  int
}

// arrows are the imports between layers, without those that follow from others.
func arrows(g graph, all []layer) []arrow {
	counts := map[[2]string]int{}
	for _, from := range all {
		for _, to := range all {
			if n := imports(g, from.packages, to.packages); n > 0 && from.name != to.name {
				counts[[2]string{from.name, to.name}] = n
			}
		}
	}
	var found []arrow
	for _, from := range all {
		for _, to := range all {
			n := counts[[2]string{from.name, to.name}]
			follows := slices.ContainsFunc(all, func(over layer) bool {
				return counts[[2]string{from.name, over.name}] > 0 && counts[[2]string{over.name, to.name}] > 0
			})
			if n > 0 && !follows {
				found = append(found, arrow{from.name, to.name, n})
			}
		}
	}
	return found
}

func (tr tree) drawArrows(b *strings.Builder, all map[string]*band) {
	shown := slices.DeleteFunc(layers(), func(l layer) bool { return l.name == "files" })
	for _, a := range arrows(tr.imports, shown) {
		from, to := all[a.from], all[a.to]
		narrow := from
		if to.width < from.width {
			narrow = to
		}
		x := narrow.x + narrow.width/2
		fmt.Fprintf(b, "<path class=\"arrow\" d=\"M%d %dV%d\"/>\n<path class=\"tip\" d=\"M%d %dl-6 -10h12z\"/>\n", x, from.bottom()+3, to.y-10, x, to.y-2)
		fmt.Fprintf(b, "<text class=\"count\" x=\"%d\" y=\"%d\">%d imports</text>\n", x+14, to.y-18, a.imports)
	}
	use, adapters := all["use cases"], all["adapters"]
	if imports(tr.imports, use.packages, adapters.packages)+imports(tr.imports, adapters.packages, use.packages) == 0 {
		fmt.Fprintf(b, "<text class=\"count\" text-anchor=\"middle\" transform=\"translate(%d %d) rotate(-90)\">no import either way</text>\n", (use.x+use.width+adapters.x)/2+4, use.y+use.height()/2)
	}
	fmt.Fprintf(b, "<text class=\"count\" text-anchor=\"end\" x=\"%d\" y=\"%d\">dots: the layers that a package imports from</text>\n", pictureWidth-margin-bandPad, all["faces"].y+21)
}

var clauseEnd = regexp.MustCompile(`[:;(]| by the | so that `)

// short is the beginning of a sentence that says enough for a card.
func short(sentence string) string {
	sentence = strings.ReplaceAll(sentence, "`", "")
	if at := clauseEnd.FindStringIndex(sentence); at != nil {
		sentence = sentence[:at[0]]
	}
	if before, _, found := strings.Cut(sentence, ", "); found && len(strings.Fields(before)) > 3 {
		sentence = before
	}
	return strings.TrimSpace(sentence)
}

// wrapped are the lines of a card, three at most.
func wrapped(text string, letters int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		switch {
		case lines[last] == "":
			lines[last] = word
		case len([]rune(lines[last]+" "+word)) <= letters:
			lines[last] += " " + word
		default:
			lines = append(lines, word)
		}
	}
	if len(lines) > 3 {
		lines = append(lines[:2], lines[2]+" …")
	}
	return lines
}

func TestArrowsAreThinned(t *testing.T) {
	all := []layer{{1, "low", []string{"a"}}, {2, "middle", []string{"b", "c"}}, {3, "high", []string{"d"}}}
	g := graph{"b": {"dateline/a", "fmt"}, "c": {"dateline/a"}, "d": {"dateline/a", "dateline/b"}}
	if got, want := arrows(g, all), []arrow{{"middle", "low", 2}, {"high", "middle", 1}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestShort(t *testing.T) {
	for sentence, want := range map[string]string{
		"works out what a release would send: every recipient": "works out what a release would send",
		"is the command line":                     "is the command line",
		"judges, before a lift, what is asked":    "judges, before a lift, what is asked",
		"answers whether it lives, and is ready":  "answers whether it lives",
		"makes the file that `dateline x` writes": "makes the file that dateline x writes",
	} {
		if got := short(sentence); got != want {
			t.Errorf("%q: got %q, want %q", sentence, got, want)
		}
	}
}
