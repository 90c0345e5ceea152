package compose

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestBodyIsSanitised(t *testing.T) {
	m := newStoryMaker()
	for _, c := range []struct{ name, in, want string }{
		{"paragraph", "One *two* **three**.", "<p>One <em>two</em> <strong>three</strong>.</p>"},
		{"link", "[a](https://x.example/?a=1&b=2)", `<p><a href="https://x.example/?a=1&amp;b=2">a</a></p>`},
		{"bare link", "See https://x.example/a.", `<p>See <a href="https://x.example/a">https://x.example/a</a>.</p>`},
		{"mail", "[w](mailto:a@x.example)", `<p><a href="mailto:a@x.example">w</a></p>`},
		{"phone", "[w](tel:+99871)", `<p><a href="tel:+99871">w</a></p>`},
		{"script link", "[a](javascript:alert(1))", "<p>a</p>"},
		{"script link, coded", "[a](&#106;avascript:alert(1))", "<p>a</p>"},
		{"script link, tab", "[a](<java\tscript:alert(1)>)", "<p>a</p>"},
		{"script link, capitals", "[a](JaVaScRiPt:alert(1))", "<p>a</p>"},
		{"data link", "[a](data:text/html;base64,PHNjcmlwdD4=)", "<p>a</p>"},
		{"vbscript", "[a](vbscript:x)", "<p>a</p>"},
		{"file link", "[a](file:///etc/passwd)", "<p>a</p>"},
		{"relative link", "[a](/b)", "<p>a</p>"},
		{"scheme-relative link", "[a](//x.example)", "<p>a</p>"},
		{"autolink of script", "<javascript:alert(1)>", "<p>javascript:alert(1)</p>"},
		{"inline HTML", "a <b onclick=x>b</b> c", "<p>a b c</p>"},
		{"HTML block", "<script>alert(1)</script>\n\nAfter.", "<p>After.</p>"},
		{"frame", "<iframe src=https://x.example></iframe>", ""},
		{"picture", "![a chart](https://x.example/t.gif)", "<p>a chart</p>"},
		{"picture in a link", "[![chart](i.png)](https://x.example)", `<p><a href="https://x.example">chart</a></p>`},
		{"quote breaks out", `[a](https://x.example/"onmouseover="x)`, `<p><a href="https://x.example/%22onmouseover=%22x">a</a></p>`},
		{"title", `[a](https://x.example "t")`, `<p><a href="https://x.example">a</a></p>`},
		{"first level", "# Big", "<h2>Big</h2>"},
		{"third level", "### Small", "<h3>Small</h3>"},
		{"table", "|a|b|\n|:-|-:|\n|1|2|", "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table>"},
		{"NUL", "a\x00b", "<p>ab</p>"},
	} {
		got, err := m.page(cleanBlock(c.in), "", setting{})
		must(t, err)
		if strings.TrimSpace(got) != c.want {
			t.Errorf("%s: %q\n got %q\nwant %q", c.name, c.in, got, c.want)
		}
	}
}

func TestDatelineRunsIntoTheText(t *testing.T) {
	m := newStoryMaker()
	for _, c := range []struct{ in, html, text string }{
		{"First.\n\nSecond.", "<p><span class=\"dateline\">A &amp; B, 1 May</span>\u00a0— First.</p>\n<p>Second.</p>", "A & B, 1 May\u00a0— First.\n\nSecond."},
		{"## Head\n\nFirst.", "<p><span class=\"dateline\">A &amp; B, 1 May</span></p>\n<h2>Head</h2>\n<p>First.</p>", "A & B, 1 May\n\nHead\n====\n\nFirst."},
		{"- a\n- b", "<p><span class=\"dateline\">A &amp; B, 1 May</span></p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "A & B, 1 May\n\n- a\n- b"},
		{"", "<p><span class=\"dateline\">A &amp; B, 1 May</span></p>", "A & B, 1 May"},
	} {
		got, err := m.page(c.in, "A & B, 1 May", setting{})
		must(t, err)
		if got != c.html {
			t.Errorf("%q: the page is\n%q, want\n%q", c.in, got, c.html)
		}
		if got := m.plain(c.in, "A & B, 1 May", setting{}); got != c.text {
			t.Errorf("%q: the text is\n%q, want\n%q", c.in, got, c.text)
		}
	}
}

func TestPlainText(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("слово ", 13))
	for _, c := range []struct{ name, in, want string }{
		{"a paragraph flows", long, long},
		{"notes", "a[^1] b[^x]\n\n[^1]: c *d*\n[^x]: e", "a¹ b²\n\n¹ c d\n² e"},
		{"headings", "# One\n\n## Два\n\n### Three", "One\n===\n\nДва\n===\n\nThree\n-----"},
		{"emphasis", "*a* **b** `c*d`", "a b c*d"},
		{"escapes", `1\. \*a\* &amp; &lt;b&gt; &#1078;`, "1. *a* & <b> ж"},
		{"code keeps its signs", "`\\* &amp;`", `\* &amp;`},
		{"hard break", "a  \nb\nc", "a\nb c"},
		{"list", "- a\n- b\n  - c\n", "- a\n- b\n  - c"},
		{"loose list", "1. a\n\n2. b\n\n   c", "1. a\n\n2. b\n\n   c"},
		{"list from nine", "9. a\n10. b", "9. a\n10. b"},
		{"long list entry", "- " + long, "- " + strings.TrimSpace(strings.Repeat("слово ", 11)) + "\n  слово слово"},
		{"quote", "> a\n>\n> b", "> a\n>\n> b"},
		{"quote in a quote", "> a\n> > b", "> a\n>\n> > b"},
		{"rule", "a\n\n---\n\nb", "a\n\n* * *\n\nb"},
		{"code block", "```\n a  b\nc\n```", "     a  b\n    c"},
		{
			"links", "[a](https://x.example) and [b](https://y.example), [c](https://x.example)",
			"a [1] and b [2], c [1]\n\n[1] https://x.example\n[2] https://y.example",
		},
		{"link that shows itself", "[https://x.example](https://x.example) https://y.example", "https://x.example https://y.example"},
		{"mail", "[desk](mailto:d@x.example) [d@x.example](mailto:d@x.example)", "desk <d@x.example> d@x.example"},
		{"link that is not shown", "[a](javascript:x)", "a"},
		{"link with letters", "[a](https://x.example/ҳ)", "a [1]\n\n[1] https://x.example/%D2%B3"},
		{"picture", "![a chart](t.png)", "a chart"}, // that the mail does not carry
		{"HTML", "a <b>c</b>\n\n<div>gone</div>", "a c"},
		{"table", "|Country|n|\n|:-|-:|\n|Тоҷикистон|5|\n|KZ|10|", "Country      n\n----------  --\nТоҷикистон   5\nKZ          10"},
		{
			"wide table", "|Country|What|\n|-|-|\n|A|" + long + "|\n|B|x|",
			"Country: A\nWhat: " + strings.TrimSpace(strings.Repeat("слово ", 10)) + "\n  слово слово слово\n\nCountry: B\nWhat: x",
		},
		{"empty", "", ""},
	} {
		if got := newStoryMaker().plain(c.in, "", setting{}); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestSummary(t *testing.T) {
	got := newStoryMaker().summary("## Head\n\nOne [two](https://x.example)  \nthree.\n\nFour.")
	if got != "One two three." {
		t.Errorf("the summary is %q", got)
	}
	if got := shorten("один два три", 9); got != "один два…" {
		t.Errorf("shortened: %q", got)
	}
}

func TestWrapKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("аҳ bc \t界é\u00a0—"))).Draw(r, "text")
		n := rapid.IntRange(4, 80).Draw(r, "columns")
		lines := wrap(s, n)
		split := func(s string) []string {
			return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
		}
		if got, want := strings.Join(split(strings.Join(lines, "\n")), " "), strings.Join(split(s), " "); got != want {
			t.Fatalf("the words are %q, want %q", got, want)
		}
		for _, line := range lines {
			if width(line) > n && strings.ContainsAny(line, " \t") {
				t.Fatalf("%q is wider than %d columns", line, n)
			}
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, s := range append(hostile(), "|a|\n|-|\n|b|", "> - 1. ```\nx", "[a](<b>)", "&#0;", "![[a](b)](c)", "<a\nb>", "- \n\n\n      x") {
		f.Add(s)
	}
	m := newStoryMaker()
	f.Fuzz(func(t *testing.T, s string) {
		body := cleanBlock(s)
		page, err := m.page(body, "LEAD", setting{})
		if err != nil {
			t.Fatal(err)
		}
		low := strings.ToLower(page)
		for _, bad := range []string{"<script", "<img", "<iframe", "<style", `href="javascript`, `href="data`} {
			if strings.Contains(low, bad) {
				t.Errorf("%q gives %q", s, page)
			}
		}
		text := m.plain(body, "LEAD", setting{})
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r") {
			t.Errorf("%q gives the text %q", s, text)
		}
	})
}
