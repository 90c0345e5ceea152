package roster

import (
	"dateline/internal/config"
	"dateline/internal/contactfile"
	"dateline/internal/press"
)

// CheckRequired tells of columns that dateline.yaml requires and that no import
// knows; the first one would fail for it.
func CheckRequired(c config.Contacts) press.Faults {
	var faults press.Faults
	for _, name := range c.Require {
		if _, ok := contactfile.ColumnNamed(name); ok {
			continue
		}
		f := c.RequireAt[name]
		f.What = "no import knows a column `" + name + "`"
		f.Want = config.DidYouMean(name, contactfile.ColumnNames(), "the columns are")
		faults = append(faults, f)
	}
	return faults
}
