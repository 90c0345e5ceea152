package plan

import (
	"slices"
	"testing"
	"time"

	"dateline/internal/press"
)

func notice() NoticeInput {
	return NoticeInput{
		Release: press.Release{
			Slug: "water-2027@embargo-1", About: "water-2027", Kind: press.EmbargoNotice,
			Embargo: press.Embargo{Lift: press.Moment{At: lift.Add(time.Hour), Zone: "Asia/Tashkent"}},
			Sends:   []press.Send{{Name: press.NoticeSend, Kind: press.General, LateAfter: 2 * time.Hour, IgnoreQuiet: true}},
		},
		Before: press.Moment{At: lift, Zone: "Asia/Tashkent"},
		Recipients: []press.Recipient{
			{Contact: press.ID{2}, Address: "Zoe@haber.example", Name: "Zoe", Edition: "ru", Zone: "Asia/Almaty", InReplyTo: "a@b.example"},
			{Contact: press.ID{1}, Address: "aziz@haber.example", Outlet: "Haber", Edition: "en", InReplyTo: "c@b.example"},
		},
		Skips:  []Skip{{Send: press.NoticeSend, Address: "gone@haber.example", Why: "suppressed: opt-out"}},
		Inputs: "inputs", Renderer: "renderer", Zones: "zones",
	}
}

func TestANoticeGoesToItsRecipientsOnApproval(t *testing.T) {
	in := notice()
	twice := in.Recipients[0]
	twice.Address, twice.Edition = "zoe@HABER.example", "en"
	in.Recipients = append(in.Recipients, twice)
	n := MakeNotice(in)
	if n.Release != "water-2027@embargo-1" || n.About != "water-2027" || n.Kind != press.EmbargoNotice || n.Recipients() != 2 || len(n.Skips) != 1 {
		t.Fatalf("%+v", n)
	}
	s := sendOf(t, n.Plan, press.NoticeSend)
	if s.Recipients[0].Name != "" || s.Recipients[1].Name != "Zoe" || s.Recipients[1].Edition != "ru" || !s.Due.IsZero() {
		t.Errorf("%+v", s)
	}
	night := time.Date(2027, 3, 4, 22, 30, 0, 0, time.UTC)
	if r := s.OnApproval(s.Recipients[1], night); !r.Due.Equal(night) || !r.Deadline.Equal(night.Add(2*time.Hour)) {
		t.Errorf("due %s, deadline %s", r.Due, r.Deadline)
	}
}

func TestNoticeDigest(t *testing.T) {
	first := MakeNotice(notice()).Digest
	seen := map[string]string{first: "nothing"}
	for name, how := range map[string]func(*NoticeInput){
		"the slug":         func(in *NoticeInput) { in.Release.Slug = "water-2027@embargo-2" },
		"what it is about": func(in *NoticeInput) { in.Release.About = "water-2028" },
		"the kind":         func(in *NoticeInput) { in.Release.Kind = press.KillNotice },
		"the old lift":     func(in *NoticeInput) { in.Before.At = lift.Add(time.Second) },
		"the new lift":     func(in *NoticeInput) { in.Release.Embargo.Lift.At = lift },
		"no new lift":      func(in *NoticeInput) { in.Release.Embargo = press.Embargo{None: true} },
		"the text":         func(in *NoticeInput) { in.Inputs = "inputs2" },
		"the renderer":     func(in *NoticeInput) { in.Renderer = "renderer2" },
		"the zones":        func(in *NoticeInput) { in.Zones = "zones2" },
		"the deadline":     func(in *NoticeInput) { in.Release.Sends[0].LateAfter = time.Hour },
		"a recipient less": func(in *NoticeInput) { in.Recipients = in.Recipients[:1] },
		"an address":       func(in *NoticeInput) { in.Recipients[0].Address = "zoya@haber.example" },
		"an edition":       func(in *NoticeInput) { in.Recipients[0].Edition = "en" },
		"the copy":         func(in *NoticeInput) { in.Recipients[0].InReplyTo = "a@c.example" },
	} {
		in := notice()
		how(&in)
		digest := MakeNotice(in).Digest
		if before, ok := seen[digest]; ok {
			t.Errorf("%s gives the digest of %s", name, before)
		}
		seen[digest] = name
	}
	in := notice()
	slices.Reverse(in.Recipients)
	in.Skips = nil
	if MakeNotice(in).Digest != first {
		t.Error("the order of the recipients, or who is skipped, changes the digest")
	}
}

func TestADigestCoversTheNoticesBeside(t *testing.T) {
	p := make1(t, house())
	alone := p.Digest
	if p.Add(nil); p.Digest != alone || p.Alone != "" {
		t.Error("no notice changes the digest")
	}
	n := MakeNotice(notice())
	p.Add([]Notice{n})
	if p.Digest == alone || p.Alone != alone || len(p.Notices) != 1 {
		t.Errorf("digest %s, alone %s", p.Digest, p.Alone)
	}
	in := notice()
	in.Recipients = in.Recipients[:1]
	other := make1(t, house())
	other.Add([]Notice{MakeNotice(in)})
	if other.Digest == p.Digest {
		t.Error("another notice gives the same digest")
	}
	both := make1(t, house())
	both.Add([]Notice{n, MakeNotice(in)})
	if both.Digest == p.Digest {
		t.Error("one more notice gives the same digest")
	}
}
