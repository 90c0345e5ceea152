package compose

import (
	"strings"

	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// table writes a table in aligned columns, or, where they take more than n
// columns, each row as a paragraph of its headings and values.
func (p *plainStory) table(t *east.Table, n int) []string {
	var rows [][]string
	for r := t.FirstChild(); r != nil; r = r.NextSibling() {
		var row []string
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			row = append(row, strings.ReplaceAll(p.inline(c), "\n", " "))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil
	}
	widths := make([]int, len(rows[0]))
	total := 2 * (len(widths) - 1)
	for i := range widths {
		for _, row := range rows {
			if i < len(row) {
				widths[i] = max(widths[i], width(row[i]))
			}
		}
		total += widths[i]
	}
	if total > n {
		return records(rows, n)
	}
	return columns(rows, widths, t.Alignments)
}

func columns(rows [][]string, widths []int, align []east.Alignment) []string {
	var lines []string
	for r, row := range rows {
		var line, rule strings.Builder
		for i, w := range widths {
			cell := ""
			if i < len(row) {
				cell = row[i]
			}
			if i > 0 {
				line.WriteString("  ")
				rule.WriteString("  ")
			}
			left := 0
			if i < len(align) && align[i] == east.AlignRight {
				left = w - width(cell)
			} else if i < len(align) && align[i] == east.AlignCenter {
				left = (w - width(cell)) / 2
			}
			line.WriteString(strings.Repeat(" ", left) + cell + strings.Repeat(" ", w-width(cell)-left))
			rule.WriteString(strings.Repeat("-", w))
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
		if r == 0 {
			lines = append(lines, rule.String())
		}
	}
	return lines
}

func records(rows [][]string, n int) []string {
	var lines []string
	for r, row := range rows[1:] {
		if r > 0 {
			lines = append(lines, "")
		}
		for i, cell := range row {
			head := ""
			if i < len(rows[0]) && rows[0][i] != "" {
				head = rows[0][i] + ": "
			}
			lines = append(lines, prefixed(wrap(head+cell, n-2), "", "  ")...)
		}
	}
	return lines
}

// unescape resolves what Markdown leaves in its text nodes: backslash escapes
// and character references.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	b := util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations([]byte(s))))
	return cleanBlock(string(b))
}
