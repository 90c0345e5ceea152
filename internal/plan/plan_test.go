package plan

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestGolden holds a whole plan, as `plan --json` shows it.
func TestGolden(t *testing.T) {
	got, err := json.MarshalIndent(make1(t, house()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const path = "testdata/plan.json"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the plan is\n%s\nwant (go test ./internal/plan -update writes it)\n%s", got, want)
	}
}

func TestWhoGetsWhat(t *testing.T) {
	p := make1(t, house())
	for name, want := range map[string][]string{
		"advance": {
			"dana@kaspiy.example ru (2nd language; no edition in kk) Asia/Samarkand", // of the first outlet that has a zone
			"held@kaspiy.example ru (first language) Asia/Almaty",
		},
		"general": {
			"Aziz@agentlik.example uz-Latn (first language) Asia/Tashkent",
			"newsroom@tribune.example en (first language) ", // the United States have many zones
			"otabek@gazeta.example uz-Latn (fallback of uz-Cyrl) Asia/Samarkand",
			"иван@xn--e1afmkfd.xn--p1ai ru (first language) ", // so has Uzbekistan
		},
	} {
		if got := lines(sendOf(t, p, name)); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	want := []string{
		"advance Aziz@agentlik.example: no embargo agreement on file",
		"general : no address on file",
		"general dana@kaspiy.example: holds the advance copy",
		"general gone@gazeta.example: suppressed: opt-out",
		"general held@kaspiy.example: holds the advance copy",
		"general leyla@haber.example: no edition in tr, az or their fallbacks",
		"general mute@gazeta.example: no language on file",
	}
	if got := skipsOf(p); !slices.Equal(got, want) {
		t.Errorf("skips:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(p.Errors) > 0 || p.Recipients() != 6 {
		t.Errorf("%d recipients, errors %q", p.Recipients(), p.Errors)
	}
	warnings := []string{
		"1 contact falls back: uz-Cyrl → uz-Latn",
		"2 contacts have no known time zone: a copy there tells the embargo in the dateline's zone and UTC only; add a zone, or country_zones in dateline.yaml",
	}
	if !slices.Equal(p.Warnings, warnings) {
		t.Errorf("warnings:\n%s", strings.Join(p.Warnings, "\n"))
	}
}

// TestAdvanceNamesTheOutletThatAgreed: the label on the copy says under whose
// agreement it is sent, wherever that outlet stands among the contact's.
func TestAdvanceNamesTheOutletThatAgreed(t *testing.T) {
	p := make1(t, house())
	for _, r := range sendOf(t, p, "advance").Recipients {
		if r.Outlet != agreed.Name || r.OutletKind != agreed.Kind {
			t.Errorf("%s: %s", r.Address, r.Outlet)
		}
	}
	in := house()
	in.Release.Sends[0].Again = true
	for _, r := range sendOf(t, make1(t, in), "general").Recipients {
		if r.Address == "dana@kaspiy.example" && r.Outlet != daily.Name {
			t.Errorf("the general copy names %s", r.Outlet)
		}
	}
}

func TestAgain(t *testing.T) {
	in := house()
	in.Release.Sends[0].Again = true
	p := make1(t, in)
	addresses := strings.Join(lines(sendOf(t, p, "general")), "\n")
	if !strings.Contains(addresses, "dana@kaspiy.example") || !strings.Contains(addresses, "held@kaspiy.example") {
		t.Errorf("with `again`, holders of the advance copy get the general one too; it goes to\n%s", addresses)
	}
	// Dana reads her second language in both sends, which is no fallback.
	if slices.ContainsFunc(p.Warnings, func(w string) bool { return strings.Contains(w, "kk →") }) {
		t.Errorf("warnings: %q", p.Warnings)
	}
}

// TestHolders: who has a copy from an earlier approval gets no second one, of
// the general send neither when it was the advance copy.
func TestHolders(t *testing.T) {
	in := house()
	in.Holds = func(send string, a press.Address) bool {
		return send == "advance" && a == "held@kaspiy.example" || send == "general" && a == "Aziz@agentlik.example"
	}
	p := make1(t, in)
	for _, want := range []string{
		"advance held@kaspiy.example: has this send's copy already",
		"general held@kaspiy.example: holds the advance copy",
		"general Aziz@agentlik.example: has this send's copy already",
	} {
		if !slices.Contains(skipsOf(p), want) {
			t.Errorf("there is no skip %q in\n%s", want, strings.Join(skipsOf(p), "\n"))
		}
	}
	if p.Recipients() != 4 {
		t.Errorf("%d recipients", p.Recipients())
	}
	// Without the agreement by now, the copy is still held.
	p = make1(t, change(in, 9, func(c *press.Contact) { c.Outlets = []press.Outlet{wire} }))
	if !slices.Contains(skipsOf(p), "general held@kaspiy.example: holds the advance copy") {
		t.Errorf("skips:\n%s", strings.Join(skipsOf(p), "\n"))
	}
	// A plan of which everybody has everything is no error.
	in.Holds = func(string, press.Address) bool { return true }
	in.Now = lift.Add(time.Hour)
	if p = make1(t, in); p.Recipients() != 0 || len(p.Errors) > 0 {
		t.Errorf("all hold all: %d recipients, errors %q", p.Recipients(), p.Errors)
	}
}

// TestSuppressedFirst: a suppression outweighs every other reason, since the
// skip is where a person looks for why a journalist got nothing.
func TestSuppressedFirst(t *testing.T) {
	in := house()
	in.Suppressed = only("DANA@kaspiy.example", "aziz@agentlik.example")
	p := make1(t, in)
	for _, want := range []string{"advance dana@kaspiy.example: suppressed: opt-out", "general dana@kaspiy.example: suppressed: opt-out", "advance Aziz@agentlik.example: suppressed: opt-out"} {
		if !slices.Contains(skipsOf(p), want) {
			t.Errorf("there is no skip %q in\n%s", want, strings.Join(skipsOf(p), "\n"))
		}
	}
	// Another address of the same person is not written to instead.
	p = make1(t, change(in, 1, func(c *press.Contact) { c.Addresses = append(c.Addresses, "dana@home.example") }))
	for _, s := range p.Sends {
		if text := strings.Join(lines(s), "\n"); strings.Contains(text, "dana") {
			t.Errorf("%s goes to\n%s", s.Name, text)
		}
	}
}

// advanceOut says that the advance copies went out under an earlier approval.
func advanceOut(send string, a press.Address) bool {
	return send == "advance" && a.Domain() == "kaspiy.example"
}

// TestInstants: an error or a warning comes only where a copy is left.
func TestInstants(t *testing.T) {
	const (
		advanceLate = "send advance was due at 2027-03-03 13:00:00 UTC, which is too long past; take it out, or give it a later instant before the lift"
		passed      = "send general was due at 2027-03-04 13:00:00 UTC, which has passed; set a new instant, or say --release-now to send it on approval"
	)
	due := lift.Add(-24 * time.Hour)
	for name, c := range map[string]struct {
		change  func(*Input)
		warning string // a part of one; "" wants none about an instant
		errors  []string
	}{
		"long before":                      {func(in *Input) { in.Now = due.Add(-time.Hour) }, "", nil},
		"on the dot":                       {func(in *Input) { in.Now = due }, "", nil},
		"a second late":                    {func(in *Input) { in.Now = due.Add(time.Second) }, "send advance was due 1s ago; its copies leave as soon as the plan is approved", nil},
		"late, within late_after":          {func(in *Input) { in.Now = due.Add(12*time.Hour - time.Microsecond) }, "was due 12h0m0s ago", nil},
		"too late":                         {func(in *Input) { in.Now = due.Add(12 * time.Hour) }, "", []string{advanceLate}},
		"after the lift, within the bound": {func(in *Input) { in.Release.Sends[1].LateAfter = 48 * time.Hour; in.Now = lift }, "", []string{advanceLate}},
		"late, and nobody left": {func(in *Input) {
			in.Now = lift.Add(-time.Hour)
			in.Holds = advanceOut
		}, "", nil},
		"embargo passed": {func(in *Input) { in.Now = lift.Add(time.Microsecond) }, "", []string{passed, advanceLate}},
		"embargo passed, all advance copies out": {func(in *Input) {
			in.Now = lift.Add(time.Hour)
			in.Holds = advanceOut
		}, "", []string{passed}},
		"embargo passed, all copies out": {func(in *Input) {
			in.Now = lift.Add(time.Hour)
			in.Holds = func(string, press.Address) bool { return true }
		}, "", nil},
		"released now": {func(in *Input) {
			in.Now, in.ReleaseNow = lift.Add(time.Hour), true
			in.Release.Sends = in.Release.Sends[:1]
		}, "", nil},
		"released now, with advance copies left": {func(in *Input) { in.Now, in.ReleaseNow = lift.Add(time.Hour), true }, "", []string{advanceLate}},
	} {
		t.Run(name, func(t *testing.T) {
			in := house()
			c.change(&in)
			p := make1(t, in)
			if !slices.Equal(p.Errors, c.errors) {
				t.Errorf("errors %q\nwant %q", p.Errors, c.errors)
			}
			about := slices.DeleteFunc(slices.Clone(p.Warnings), func(w string) bool { return !strings.Contains(w, "was due") })
			if c.warning == "" && len(about) > 0 || c.warning != "" && (len(about) != 1 || !strings.Contains(about[0], c.warning)) {
				t.Errorf("warnings %q\nwant %q", about, c.warning)
			}
		})
	}
}

func TestSchedules(t *testing.T) {
	later := lift.Add(18 * time.Hour)
	moment := press.Schedule{Moment: press.Moment{At: later, Zone: "Asia/Tashkent"}}
	for name, c := range map[string]struct {
		change func(*Input)
		due    time.Time // of the general send; zero: on approval
	}{
		"at the lift":           {func(*Input) {}, lift},
		"at a moment":           {func(in *Input) { in.Release.Sends[0].At = moment }, later},
		"no embargo":            {func(in *Input) { in.Release.Embargo = press.Embargo{None: true} }, time.Time{}},
		"no embargo, a moment":  {func(in *Input) { in.Release.Embargo = press.Embargo{None: true}; in.Release.Sends[0].At = moment }, later},
		"release now, too soon": {func(in *Input) { in.ReleaseNow = true }, lift}, // it lifts no embargo that has not passed
		"release now":           {func(in *Input) { in.ReleaseNow = true; in.Now = lift }, time.Time{}},
		"release now, a moment yet to come": {func(in *Input) {
			in.ReleaseNow, in.Now = true, lift.Add(time.Hour)
			in.Release.Sends[0].At = moment
		}, later},
	} {
		t.Run(name, func(t *testing.T) {
			in := house()
			in.Release.Sends = in.Release.Sends[:1]
			c.change(&in)
			p := make1(t, in)
			s := sendOf(t, p, "general")
			if !s.Due.Equal(c.due) || len(s.Recipients) == 0 || len(p.Errors) > 0 {
				t.Errorf("due %s, %d recipients, errors %q", s.Due, len(s.Recipients), p.Errors)
			}
			deadline := c.due
			if !deadline.IsZero() {
				deadline = deadline.Add(2 * time.Hour)
			}
			for _, r := range s.Recipients {
				if !r.Due.Equal(c.due) || !r.Deadline.Equal(deadline) {
					t.Errorf("%s: due %s, deadline %s", r.Address, r.Due, r.Deadline)
				}
			}
		})
	}
}

// TestNothingGeneralBeforeTheLift: the config refuses it; a plan does so too.
func TestNothingGeneralBeforeTheLift(t *testing.T) {
	for name, at := range map[string]press.Schedule{
		"a moment":        {Moment: press.Moment{At: lift.Add(-time.Microsecond), Zone: "UTC"}},
		"before the lift": {Before: time.Hour},
	} {
		for _, now := range []time.Time{lift.Add(-72 * time.Hour), lift.Add(-time.Nanosecond)} {
			in := house()
			in.Release.Sends = in.Release.Sends[:1]
			in.Release.Sends[0].At, in.Now, in.ReleaseNow = at, now, true
			p := make1(t, in)
			if len(p.Errors) != 1 || !strings.Contains(p.Errors[0], "before the lift at 2027-03-04 13:00:00 UTC") {
				t.Errorf("%s: errors %q", name, p.Errors)
			}
			for _, r := range sendOf(t, p, "general").Recipients {
				if r.Due.Before(lift) {
					t.Errorf("%s: %s is due at %s", name, r.Address, r.Due)
				}
			}
		}
	}
}

func TestAudiencesThatReachNobody(t *testing.T) {
	for name, c := range map[string]struct {
		change           func(*Input)
		errors, warnings []string
	}{
		"a list of nobody, in two sends": {func(in *Input) {
			in.Lists["abroad"] = press.List{Filter: press.Filter{Countries: []press.Country{"FR"}}}
			in.Release.Sends[1].Lists = []string{"wires", "abroad"}
		}, []string{"list abroad resolves to no contact; import contacts or correct its filter in lists.yaml"}, nil},
		"a list that is not there": {
			func(in *Input) { delete(in.Lists, "russian") },
			[]string{"list russian resolves to no contact; import contacts or correct its filter in lists.yaml"},
			nil,
		},
		"no contact at all": {func(in *Input) { in.Contacts = stream(nil) }, []string{
			"list region resolves to no contact; import contacts or correct its filter in lists.yaml",
			"list abroad resolves to no contact; import contacts or correct its filter in lists.yaml",
			"list russian resolves to no contact; import contacts or correct its filter in lists.yaml",
			"send general reaches nobody; see the skipped contacts",
			"list wires resolves to no contact; import contacts or correct its filter in lists.yaml",
		}, []string{"send advance reaches nobody: no outlet in its lists has an embargo agreement on file"}},
		"no agreement": {func(in *Input) {
			*in = change(*in, 1, func(c *press.Contact) { c.Outlets = []press.Outlet{wire} })
			*in = change(*in, 9, func(c *press.Contact) { c.Outlets = []press.Outlet{wire} })
		}, nil, []string{"send advance reaches nobody: no outlet in its lists has an embargo agreement on file"}},
		"all suppressed": {
			func(in *Input) { in.Suppressed = func(press.Address) (string, bool) { return "bounced", true } },
			[]string{"send general reaches nobody; see the skipped contacts"},
			[]string{"send advance reaches nobody: no outlet in its lists has an embargo agreement on file"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := house()
			c.change(&in)
			p := make1(t, in)
			if !slices.Equal(p.Errors, c.errors) {
				t.Errorf("errors\n%s", strings.Join(p.Errors, "\n"))
			}
			about := slices.DeleteFunc(slices.Clone(p.Warnings), func(w string) bool { return !strings.Contains(w, "nobody") })
			if !slices.Equal(about, c.warnings) {
				t.Errorf("warnings\n%s", strings.Join(about, "\n"))
			}
		})
	}
}

func TestZones(t *testing.T) {
	in := house()
	in.CountryZones = map[press.Country]string{"UZ": "Asia/Tashkent", "US": "America/New_York"}
	p := make1(t, in)
	for _, w := range p.Warnings {
		if strings.Contains(w, "time zone") {
			t.Error(w)
		}
	}
	for _, r := range sendOf(t, p, "general").Recipients {
		if r.Zone == "" || r.Country == "US" && r.Zone != "America/New_York" {
			t.Errorf("%s: %q", r.Address, r.Zone)
		}
	}
}

// TestSharedAddress: the store has one contact per mailbox; should it ever give
// two, one copy is planned, and the plan must not be approved.
func TestSharedAddress(t *testing.T) {
	in := change(house(), 4, func(c *press.Contact) { c.Addresses[0] = "AZIZ@agentlik.example" })
	var want Plan
	for i := range 2 {
		cs := contactsOf(in)
		if i == 1 {
			slices.Reverse(cs)
		}
		in.Contacts = stream(cs)
		p := make1(t, in)
		if n := len(sendOf(t, p, "general").Recipients); n != 3 {
			t.Errorf("%d recipients", n)
		}
		if len(p.Errors) != 1 || !strings.Contains(p.Errors[0], "two contacts of one address") {
			t.Errorf("errors %q", p.Errors)
		}
		if i == 1 && (p.Digest != want.Digest || !slices.Equal(p.Errors, want.Errors)) {
			t.Error("the order of the contacts shows")
		}
		want = p
	}
}

func TestContactsThatCannotBeRead(t *testing.T) {
	broken := errors.New("the disk is gone")
	in := house()
	half := contactsOf(in)[:6]
	in.Contacts = func(yield func(press.Contact, error) bool) {
		for _, c := range half {
			if !yield(c, nil) {
				return
			}
		}
		yield(press.Contact{}, broken)
	}
	if p, err := Make(in); !errors.Is(err, broken) || p.Digest != "" || p.Recipients() != 0 {
		t.Errorf("half of the contacts gave %d recipients, %v", p.Recipients(), err)
	}
}

// With all_languages: required, whoever lacks an edition in a language of their
// own stops the plan, and so does an edition that nobody vouches for.
func TestAllLanguages(t *testing.T) {
	in := house()
	in.Release.AllLanguages = true
	for i := range in.Release.Editions {
		in.Release.Editions[i].SignedOffBy, in.Release.Editions[i].File = "Anna", string(in.Release.Editions[i].Lang)+".md"
	}
	in.Release.Editions[1].SignedOffBy = ""
	p := make1(t, in)
	want := []string{
		"the edition in ru is not signed off, and release.yaml has all_languages: required; signed_off_by in ru.md says who vouches for it",
		"1 contact lacks an edition, and release.yaml has all_languages: required: tr → no edition",
		"1 contact lacks an edition, and release.yaml has all_languages: required: uz-Cyrl → uz-Latn",
	}
	if !slices.Equal(p.Errors, want) {
		t.Errorf("errors\n%s", strings.Join(p.Errors, "\n"))
	}
	in.Release.AllLanguages = false
	if p := make1(t, in); len(p.Errors) > 0 {
		t.Errorf("where it is not required: %q", p.Errors)
	}
}
