package cli

import (
	"context"
	"time"

	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/roster"
	"dateline/internal/store"
)

// checkedLists is what `check` tells of the lists. They are contacts, which the
// store has and the folder has not: it is no fault of the folder that one is empty.
type checkedLists struct {
	Empty      press.Faults `json:"empty_lists"`                 // each with its place
	NotCounted string       `json:"lists_not_counted,omitempty"` // why not, where they were not
}

// storeAnswers bounds how long `check` waits for the store.
const storeAnswers = time.Second

// checkLists finds the lists that hold nobody, where there is a store that can
// be looked into at once.
func checkLists(ctx context.Context, c *config.Config) checkedLists {
	found := checkedLists{Empty: press.Faults{}}
	if len(c.Lists) == 0 {
		return found
	}
	empty, some, err := emptyLists(ctx, c)
	switch {
	case err != nil:
		found.NotCounted = err.Error()
	case !some:
		found.NotCounted = "no contact has been imported yet"
	default:
		for _, name := range empty {
			f := c.ListsAt[name]
			f.What, f.Want = "the list `"+name+"` holds nobody", "a release with it cannot be planned"
			found.Empty = append(found.Empty, f)
		}
		found.Empty.Sort()
	}
	return found
}

func emptyLists(ctx context.Context, c *config.Config) (empty []string, some bool, err error) {
	soon, cancel := context.WithTimeout(ctx, storeAnswers)
	defer cancel()
	s, err := store.OpenToLook(soon, c.Store)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = s.Close() }() // only read from: nothing can be lost
	return roster.EmptyLists(ctx, s, c.Lists, today())
}

func (a *app) sayLists(found checkedLists) {
	for _, f := range found.Empty {
		a.say(warn("warning: " + f.Error()))
	}
	if found.NotCounted != "" {
		a.say(faint("How many contacts each list has is not known: " + found.NotCounted + "."))
	}
}
