// Package dsntest measures how well package dsn reads a folder of reports whose
// answers are known: labels.tsv beside a folder eml.
package dsntest

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

// Figures is how well a folder was read; shares are of 1.
type Figures struct {
	Files          int      `json:"files"`
	Bounces        int      `json:"bounces"`          // recipients labelled as bounces
	ClassAgrees    float64  `json:"class_agrees"`     // of the bounces
	SoftCalledHard float64  `json:"soft_called_hard"` // of the soft bounces
	ReasonAgrees   float64  `json:"reason_agrees"`    // of the bounces
	Complaints     float64  `json:"complaints"`       // found, of those labelled
	AutoReplies    int      `json:"auto_replies"`     // labelled as such
	AutoAsBounce   int      `json:"auto_as_bounce"`   // of those, called bounces
	Recipient      float64  `json:"recipient"`        // files that a recipient was found in
	Key            float64  `json:"key"`              // files that a Message-ID or token was found in
	KeyWhereAny    float64  `json:"key_where_any"`    // of those files in which another message's ID occurs at all
	Unreadable     int      `json:"unreadable"`
	Wrong          []string `json:"wrong,omitempty"` // what disagrees, one line each
}

// label is one line of labels.tsv.
type label struct{ reason, class string }

// Measure reads every file of dir/eml and holds the reports against
// dir/labels.tsv.
func Measure(dir string) (Figures, error) {
	labels, err := readLabels(filepath.Join(dir, "labels.tsv"))
	if err != nil {
		return Figures{}, err
	}
	entries, err := os.ReadDir(filepath.Join(dir, "eml"))
	if err != nil {
		return Figures{}, fmt.Errorf("measuring the reports of %s: %w", dir, err)
	}
	var t tally
	for _, entry := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, "eml", entry.Name()))
		if err != nil {
			return Figures{}, fmt.Errorf("measuring the reports of %s: %w", dir, err)
		}
		t.count(entry.Name(), raw, labels[entry.Name()])
	}
	return t.figures(), nil
}

func readLabels(path string) (map[string][]label, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the labels: %w", err)
	}
	labels := map[string][]label{}
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(c) == 6 && c[0] != "file" {
			labels[c[0]] = append(labels[c[0]], label{c[4], c[5]})
		}
	}
	return labels, nil
}

// tally is the counts while files are read.
type tally struct {
	f                                                           Figures
	classRight, reasonRight, soft, softHard                     int
	complaints, complaintsFound, recipients, keys, keyable, any int
}

func (t *tally) count(name string, raw []byte, labels []label) {
	t.f.Files++
	reports, err := dsn.Read(press.Mail{Ref: name, Raw: raw})
	if err != nil {
		t.f.Unreadable++
		t.f.Wrong = append(t.f.Wrong, name+": "+err.Error())
	}
	withRecipient, withKey := false, false
	for _, r := range reports {
		withRecipient = withRecipient || r.Recipient != ""
		withKey = withKey || r.Token != "" || r.MessageID != ""
	}
	if withRecipient {
		t.recipients++
	} else {
		t.f.Wrong = append(t.f.Wrong, name+": no recipient")
	}
	// Its own Message-ID is the first; a second one is of the copy.
	some := strings.Count(strings.ToLower(string(raw)), "message-id:") > 1
	if some {
		t.keyable++
	}
	switch {
	case withKey && some:
		t.any++
		t.keys++
	case withKey:
		t.keys++
	case some:
		t.f.Wrong = append(t.f.Wrong, name+": no key")
	}
	for i, l := range labels {
		var r press.Report
		if i < len(reports) {
			r = reports[i]
		}
		t.compare(fmt.Sprintf("%s[%d]", name, i+1), l, r)
	}
}

func (t *tally) compare(name string, l label, r press.Report) {
	switch l.reason {
	case string(press.ReasonFeedback):
		t.complaints++
		if r.Kind == press.ReportComplaint {
			t.complaintsFound++
		} else {
			t.f.Wrong = append(t.f.Wrong, name+": complaint read as "+string(r.Kind))
		}
		return
	case string(press.ReasonVacation):
		t.f.AutoReplies++
		if r.Kind == press.ReportBounce {
			t.f.AutoAsBounce++
			t.f.Wrong = append(t.f.Wrong, name+": auto-reply read as a bounce")
		}
		return
	}
	t.f.Bounces++
	failed := r.Kind == press.ReportBounce || r.Kind == press.ReportDelayed || r.Kind == press.ReportDelivered
	right := failed && string(r.Class) == l.class
	if right {
		t.classRight++
	}
	if l.class == string(press.Soft) {
		t.soft++
		if r.Class == press.Hard {
			t.softHard++
		}
	}
	if string(r.Reason) == l.reason {
		t.reasonRight++
	}
	if !right || string(r.Reason) != l.reason {
		mark := "reason"
		if !right {
			mark = "CLASS"
		}
		t.f.Wrong = append(t.f.Wrong, fmt.Sprintf("%s: %s: want %s %s, got %s %s %s (%d %s %q)", name, mark, l.class, l.reason, r.Kind, r.Class, r.Reason, r.Code, r.Status, r.Diagnostic))
	}
}

func (t *tally) figures() Figures {
	share := func(n, of int) float64 {
		if of == 0 {
			return 1
		}
		return float64(n) / float64(of)
	}
	f := t.f
	f.ClassAgrees = share(t.classRight, f.Bounces)
	f.ReasonAgrees = share(t.reasonRight, f.Bounces)
	if t.soft > 0 {
		f.SoftCalledHard = share(t.softHard, t.soft)
	}
	f.Complaints = share(t.complaintsFound, t.complaints)
	f.Recipient = share(t.recipients, f.Files)
	f.Key = share(t.keys, f.Files)
	f.KeyWhereAny = share(t.any, t.keyable)
	sort.Strings(f.Wrong)
	return f
}
