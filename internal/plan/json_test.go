package plan_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"dateline/internal/plan"
	"dateline/internal/press"
)

// A plan that was written for machines is read as the same one.
func TestAPlanIsReadAsItWasWritten(t *testing.T) {
	p := plan.Plan{
		Release: "tashkent", Digest: "d", Lift: press.Moment{At: time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC), Zone: "Asia/Tashkent"},
		Sends:    []plan.Send{{Name: "general", Kind: press.General, LateAfter: 90 * time.Minute, Recipients: []press.Recipient{{Address: "a@example.org", Edition: "uz-Cyrl", Deadline: time.Date(2027, 3, 4, 15, 0, 0, 0, time.UTC)}}}},
		Skips:    []plan.Skip{{Send: "general", Country: "UZ", Why: "suppressed"}},
		Warnings: []string{"w"}, Errors: []string{},
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var got plan.Plan
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("read %+v, %v\nwrote %+v", got, err, p)
	}
}
