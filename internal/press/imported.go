package press

import "time"

// ImportRow is a contact of a file, and the line that it stands on.
type ImportRow struct {
	Line    int
	Contact Contact
}

// ImportBatch is some rows that are to be imported in one step.
type ImportBatch struct {
	Import ID // of the import that it belongs to; zero where nothing is to be noted of it
	Rows   []ImportRow
	Key    KeyOf
	Dry    bool // only what would be done is told
}

// ImportVerdict is what an import does with a row.
type ImportVerdict string

// The verdicts.
const (
	ImportNew       ImportVerdict = "new"
	ImportChanged   ImportVerdict = "changed"   // a contact on file says other things now
	ImportMerged    ImportVerdict = "merged"    // put together with one that is on file under another address, or got an address or outlet more
	ImportUnchanged ImportVerdict = "unchanged" //
	ImportWithheld  ImportVerdict = "withheld"  // they asked to be erased, and stay so
)

// ImportChange is what an import does with one row.
type ImportChange struct {
	Line    int           `json:"line"`
	Verdict ImportVerdict `json:"verdict"`
	Contact ID            `json:"contact,omitzero"` // the one on file; zero where it is new
	Fields  []FieldChange `json:"fields,omitempty"`
	// Clash names other contacts on file that have an address of the row; the
	// addresses stay with them.
	Clash []ID `json:"clash,omitempty"`
}

// FieldChange is a value that becomes another. Of addresses and outlets Old is
// empty and New is what is added.
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new"`
}

// Imported counts what an import did.
type Imported struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Merged    int `json:"merged"`
	Unchanged int `json:"unchanged"`
	Withheld  int `json:"withheld"`
	Clashes   int `json:"clashes"` // rows of which an address stays with another contact
	Outlets   int `json:"outlets"` // new ones
}

// Add adds another count.
func (i *Imported) Add(o Imported) {
	i.New += o.New
	i.Changed += o.Changed
	i.Merged += o.Merged
	i.Unchanged += o.Unchanged
	i.Withheld += o.Withheld
	i.Clashes += o.Clashes
	i.Outlets += o.Outlets
}

// Count adds one row's verdict.
func (i *Imported) Count(c ImportChange) {
	switch c.Verdict {
	case ImportNew:
		i.New++
	case ImportChanged:
		i.Changed++
	case ImportMerged:
		i.Merged++
	case ImportWithheld:
		i.Withheld++
	case ImportUnchanged:
		i.Unchanged++
	}
	if len(c.Clash) > 0 {
		i.Clashes++
	}
}

// ImportUnderWay is an import that has begun to write and not ended: what it
// brings is not whole.
type ImportUnderWay struct {
	ID      ID        `json:"id"`
	File    string    `json:"file"`
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen"` // its last sign of life
	Total   int       `json:"total"`
	Written int       `json:"written"`
}
