package cli

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// newLog is the log of a program that runs on. Whatever is logged, and by whom,
// no mail address gets into it: a fault of the config folder may quote one, a
// store's error, or what some server said.
func newLog(to io.Writer, asJSON bool) *slog.Logger {
	options := &slog.HandlerOptions{ReplaceAttr: withoutAddresses}
	if asJSON {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// mailAddress fits a mailbox at a domain with a dot; the names of occurrences and
// notices (`advisory@2027-03-08`, `alpha@kill`) have none.
var mailAddress = regexp.MustCompile(`[^\s<>"'` + "`" + `(),;:=/]+@[^\s<>"'` + "`" + `(),;:@/]+\.[^\s<>"'` + "`" + `(),;:@/]*[^\s<>"'` + "`" + `(),;:@/.]`)

// withoutAddresses puts a word in the place of each address.
func withoutAddresses(_ []string, a slog.Attr) slog.Attr {
	var text string
	switch a.Value.Kind() {
	case slog.KindString:
		text = a.Value.String()
	case slog.KindAny:
		if err, is := a.Value.Any().(error); is {
			text = err.Error()
		} else {
			text = fmt.Sprint(a.Value.Any())
		}
	default: // numbers, times and the like hold none
		return a
	}
	if !mailAddress.MatchString(text) {
		return a
	}
	return slog.String(a.Key, mailAddress.ReplaceAllString(text, "(an address)"))
}
