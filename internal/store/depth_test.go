package store_test

import (
	"reflect"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestDepthCountsWhatIsUnsettled(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		depth := func() press.QueueDepth {
			t.Helper()
			d, err := h.Depth(t.Context(), noon)
			h.must(err)
			return d
		}
		if got := depth(); got != (press.QueueDepth{}) {
			t.Errorf("of nothing: %+v", got)
		}
		h.stage("staged", copies(3)...)
		h.approve("killed", copies(2)...)
		h.must(h.Kill(t.Context(), "killed", "wrong", "Olim", noon))
		h.approve("held", copies(2, due(noon.Add(-time.Hour)))...)
		h.must(h.Hold(t.Context(), "held", "legal", "Olim", noon))
		h.approve("tashkent", append(copies(4), copyTo("later@paper.example", due(noon.Add(time.Hour))))...)
		ds := h.claim(berta, 2)
		h.record(berta, nil, ds[0].ID)
		want := press.QueueDepth{Waiting: 1, Due: 4, Claimed: 1, Sending: 1, OldestDue: noon}
		if got := depth(); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		h.must(h.Resume(t.Context(), "held", "Olim", noon))
		if got := depth(); !got.OldestDue.Equal(noon.Add(-time.Hour)) {
			t.Errorf("once it is resumed: %+v", got)
		}
	})
}

func TestCameBackByRelayAndDomain(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("a@paper.example"), copyTo("b@paper.example"), copyTo("c@wire.example"))
		for _, d := range h.claim(berta, 3) {
			h.record(berta, nil, d.ID)
			h.record(berta, []press.Result{result(d.ID, press.Accepted)})
			reason := press.ReasonUserUnknown
			if d.Address.Domain() == "wire.example" {
				reason = press.ReasonBlocked
			}
			says := says(d.ID, press.TieToken, press.ReportBounce, reason)
			says.Recipient = d.Address
			h.take(mail(string(d.Address), says), mail("twice "+string(d.Address), says))
		}
		want := []press.CameBack{{Kind: "bounced", Relay: "main", Domain: "paper.example", N: 2}, {Kind: "blocked", Relay: "main", Domain: "wire.example", N: 1}}
		got, err := h.CameBack(t.Context(), time.Now().Add(-time.Hour))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		if got, err := h.CameBack(t.Context(), time.Now().Add(time.Hour)); err != nil || len(got) != 0 {
			t.Errorf("since later: %+v, %v", got, err)
		}
	})
}

func TestWhetherTheStoreAnswers(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.must(h.Answers(t.Context()))
		h.must(h.Close())
		if err := h.Answers(t.Context()); err == nil {
			t.Error("a store that is closed answers")
		}
	})
}
