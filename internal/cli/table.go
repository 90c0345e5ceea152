package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"dateline/internal/press"
)

// colourOf is a state's colour: that of its tone.
func colourOf(s press.State) lipgloss.Style {
	style := lipgloss.NewStyle()
	switch s.Tone() {
	case press.Good:
		return style.Foreground(lipgloss.Green)
	case press.Moving:
		return style.Foreground(lipgloss.Blue)
	case press.Patience:
		return style.Foreground(lipgloss.Yellow)
	case press.Alarming:
		return style.Foreground(lipgloss.Red)
	default:
		return style.Faint(true)
	}
}

func bold(s string) string  { return lipgloss.NewStyle().Bold(true).Render(s) }
func faint(s string) string { return lipgloss.NewStyle().Faint(true).Render(s) }
func alarm(s string) string { return lipgloss.NewStyle().Foreground(lipgloss.Red).Render(s) }
func warn(s string) string  { return lipgloss.NewStyle().Foreground(lipgloss.Yellow).Render(s) }
func good(s string) string  { return lipgloss.NewStyle().Foreground(lipgloss.Green).Render(s) }

// say prints styled text; what is no terminal gets it plain.
func (a *app) say(lines ...string) {
	for _, l := range lines {
		// A broken pipe ends the program by its signal; there is nobody to tell else.
		_, _ = lipgloss.Fprintln(a.Out, l)
	}
}

// grid prints a table that fits the terminal; numeric columns stand right.
func (a *app) grid(headers []string, numeric map[int]bool, rows [][]string) {
	t := table.New().Border(lipgloss.NormalBorder()).BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderColumn(false).BorderStyle(lipgloss.NewStyle().Faint(true)).Headers(headers...).Rows(rows...).
		StyleFunc(func(row, col int) lipgloss.Style {
			style := lipgloss.NewStyle().PaddingRight(2)
			if numeric[col] {
				style = style.Align(lipgloss.Right)
			}
			if row == table.HeaderRow {
				style = style.Bold(true)
			}
			return style
		})
	if width, ok := a.width(); ok && lipgloss.Width(t.String()) > width {
		t = t.Width(width).Wrap(false)
	}
	a.say(t.String())
}

// width is the terminal's, if the output is one.
func (a *app) width() (int, bool) {
	f, ok := a.Out.(*os.File)
	if !ok {
		return 0, false
	}
	w, _, err := term.GetSize(int(f.Fd()))
	return w, err == nil && w > 0
}

// stateBar draws how a release's deliveries stand, width cells long.
func stateBar(states map[press.State]int, width int) string {
	total := 0
	for _, n := range states {
		total += n
	}
	if total == 0 {
		return ""
	}
	var b strings.Builder
	drawn, seen := 0, 0
	for _, s := range []press.State{
		press.Delivered, press.Accepted, press.Sending, press.Claimed, press.Planned, press.Deferred, press.Unknown,
		press.Rejected, press.Bounced, press.Complained, press.Expired, press.Skipped, press.Cancelled,
	} {
		if states[s] == 0 {
			continue
		}
		seen += states[s]
		// A state that is there is seen, however few it has.
		end := max(drawn+1, seen*width/total)
		b.WriteString(colourOf(s).Render(strings.Repeat("█", end-drawn)))
		drawn = end
	}
	return b.String()
}

// progress draws a bar on a terminal's standard error while long work runs.
type progress struct {
	app  *app
	what string
	bar  *progressbar.ProgressBar
}

func (a *app) progress(what string) *progress { return &progress{app: a, what: what} }

// add tells that n of total are done.
func (p *progress) add(total, n int) {
	if p.bar == nil {
		p.bar = newBar(p.app.barOutput(), p.what, total)
	}
	_ = p.bar.Add(n) // a bar past its end is no reason to stop
}

func newBar(w io.Writer, what string, total int) *progressbar.ProgressBar {
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(50_000_000))
}

// barOutput is standard error where a person looks at it.
func (a *app) barOutput() io.Writer {
	if f, ok := a.Err.(*os.File); ok && !a.json && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return io.Discard
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// thousands writes 12345 as 12 345, with a narrow no-break space.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}
