package plan

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"dateline/internal/press"
)

// NoticeInput is all that a notice's plan depends on.
type NoticeInput struct {
	Release    press.Release // the notice as it was written
	Before     press.Moment  // of a moved embargo: the lift that its readers were told
	Recipients []press.Recipient
	Skips      []Skip
	Inputs     string // hash over all that its text was made of
	Renderer   string
	Zones      string
}

// Notice is what a notice about a release would send, on approval.
type Notice struct {
	Plan
	About  string            `json:"about"`
	Kind   press.ReleaseKind `json:"kind"`
	Before press.Moment      `json:"before,omitzero"` // the lift that its readers were told; Lift is the new one
}

const (
	noticeVersion  = "dateline notice 1"
	noticesVersion = "dateline plan with notices 1"
)

// MakeNotice works out a notice's plan. Its recipients are given, for they are
// those who hold a copy; where a mailbox stands there twice, the first counts.
func MakeNotice(in NoticeInput) Notice {
	send := Send{Name: press.NoticeSend, Kind: press.General, Recipients: slices.Clone(in.Recipients)}
	for _, s := range in.Release.Sends {
		send.Name, send.Kind, send.LateAfter = s.Name, s.Kind, s.LateAfter
	}
	if send.Recipients == nil {
		send.Recipients = []press.Recipient{}
	}
	slices.SortStableFunc(send.Recipients, func(a, b press.Recipient) int { return cmp.Compare(a.Address.Key(), b.Address.Key()) })
	send.Recipients = slices.CompactFunc(send.Recipients, func(a, b press.Recipient) bool { return a.Address.Key() == b.Address.Key() })
	n := Notice{
		Plan: Plan{
			Release: in.Release.Slug, Inputs: in.Inputs, Lift: in.Release.Embargo.Lift,
			Sends: []Send{send}, Skips: append([]Skip{}, in.Skips...), Warnings: []string{}, Errors: []string{},
		},
		About: in.Release.About, Kind: in.Release.Kind, Before: in.Before,
	}
	slices.SortFunc(n.Skips, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(a.Address.Key(), b.Address.Key()), bytes.Compare(a.Contact[:], b.Contact[:]))
	})
	n.Digest = noticeDigest(in, n)
	return n
}

// noticeDigest covers the text, by its inputs, the old and the new lift, and
// for each recipient also the copy that the notice answers.
func noticeDigest(in NoticeInput, n Notice) string {
	w := writer{sha256.New()}
	w.fields(noticeVersion, n.Release, n.About, string(n.Kind), in.Inputs, in.Renderer, in.Zones, n.Before.Zone, micros(n.Before.At), n.Lift.Zone, micros(n.Lift.At))
	s := n.Sends[0]
	w.fields(s.Name, string(s.Kind), s.LateAfter.String())
	for _, r := range s.Recipients {
		w.recipient(r, press.QuietHours{})
		w.fields(r.InReplyTo)
	}
	return hex.EncodeToString(w.h.Sum(nil))
}

// Add puts notices beside what the release itself sends; the digest then covers
// them, too, and Alone keeps the release's own.
func (p *Plan) Add(notices []Notice) {
	if len(notices) == 0 {
		return
	}
	p.Notices, p.Alone = notices, p.Digest
	w := writer{sha256.New()}
	w.fields(noticesVersion, p.Alone)
	for _, n := range notices {
		w.fields(n.Digest)
	}
	p.Digest = hex.EncodeToString(w.h.Sum(nil))
}
