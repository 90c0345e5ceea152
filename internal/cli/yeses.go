package cli

import (
	"errors"
	"fmt"

	"dateline/internal/desk"
)

// notYet shows a yes that was noted, where others must say it, too; any other
// error stays one.
func (a *app) notYet(err error) error {
	if waits := (desk.Waits{}); errors.As(err, &waits) {
		return a.showWaits(waits)
	}
	return err
}

// showWaits says who has said yes so far. It is no failure: the yes is noted.
func (a *app) showWaits(w desk.Waits) error {
	if a.json {
		return a.printJSON(w)
	}
	a.say(warn(fmt.Sprintf("%d of %d have said yes to %s; nothing is approved yet.", len(w.Said), w.Wanted, w.Release)))
	for _, y := range w.Said {
		a.say(fmt.Sprintf("  %s, at %s", y.By, y.At.Format("15:04:05 UTC on 2006-01-02")))
	}
	a.say(fmt.Sprintf("The next person says:  dateline approve %s --by NAME --digest %s", w.Release, w.Digest))
	return nil
}
