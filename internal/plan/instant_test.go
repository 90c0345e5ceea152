package plan

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

func wall(t *testing.T, s string) press.Schedule {
	t.Helper()
	w, err := press.ParseWallTime(s)
	if err != nil {
		t.Fatal(err)
	}
	return press.Schedule{Local: w}
}

// local is the house with a general send at a wall time, and a zone for
// everybody.
func local(t *testing.T, at string) Input {
	t.Helper()
	in := house()
	in.CountryZones = map[press.Country]string{"UZ": "Asia/Tashkent", "US": "America/New_York"}
	in.Release.Sends[0].At = wall(t, at)
	return in
}

// dues tells when each recipient of a send is due, in their order.
func dues(s Send) []string {
	var all []string
	for _, r := range s.Recipients {
		due := "on approval"
		if !r.Due.IsZero() {
			due = r.Due.Format("01-02 15:04")
		}
		all = append(all, string(r.Address)+" "+due)
	}
	return all
}

func sameLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func about(lines []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.Contains(l, word) })
}

// TestGoldenInstants holds a plan with all sorts of instants as `plan --json`
// shows it.
func TestGoldenInstants(t *testing.T) {
	in := local(t, "2027-03-05T06:30")
	in.QuietHours = map[press.Country]press.QuietHours{"UZ": {From: 22 * 60, To: 7 * 60}, "KZ": {From: 21 * 60, To: 6 * 60}}
	in.Release.Sends = append(in.Release.Sends,
		press.Send{Name: "reminder", Kind: press.FollowUp, After: "general", At: wall(t, "2027-03-06T06:59"), LateAfter: time.Hour, IgnoreQuiet: true},
		press.Send{Name: "thanks", Kind: press.FollowUp, After: "advance", Lists: []string{"wires"}, At: press.Schedule{Moment: press.Moment{At: lift.Add(10 * time.Hour), Zone: "UTC"}}, LateAfter: time.Hour})
	got, err := json.MarshalIndent(make1(t, in), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const path = "testdata/instants.json"
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

func TestLocalSends(t *testing.T) {
	for name, c := range map[string]struct {
		at         string
		change     func(*Input)
		want       []string
		due, until string
	}{
		"each on their own clock": {"2027-03-05T09:00", func(*Input) {}, []string{
			"Aziz@agentlik.example 03-05 04:00", "newsroom@tribune.example 03-05 14:00", "otabek@gazeta.example 03-05 04:00", "иван@xn--e1afmkfd.xn--p1ai 03-05 04:00",
		}, "03-05 04:00", "03-05 14:00"},
		"before the lift means at the lift": {"2027-03-04T12:00", func(*Input) {}, []string{
			"Aziz@agentlik.example 03-04 13:00", "newsroom@tribune.example 03-04 17:00", "otabek@gazeta.example 03-04 13:00", "иван@xn--e1afmkfd.xn--p1ai 03-04 13:00",
		}, "03-04 13:00", "03-04 17:00"},
		"in New York's gap": {"2027-03-14T02:30", func(*Input) {}, []string{
			"Aziz@agentlik.example 03-13 21:30", "newsroom@tribune.example 03-14 07:00", "otabek@gazeta.example 03-13 21:30", "иван@xn--e1afmkfd.xn--p1ai 03-13 21:30",
		}, "03-13 21:30", "03-14 07:00"},
		"in New York's hour that comes twice": {"2027-11-07T01:30", func(*Input) {}, []string{
			"Aziz@agentlik.example 11-06 20:30", "newsroom@tribune.example 11-07 05:30", "otabek@gazeta.example 11-06 20:30", "иван@xn--e1afmkfd.xn--p1ai 11-06 20:30",
		}, "11-06 20:30", "11-07 05:30"},
		"without an embargo": {"2027-03-05T09:00", func(in *Input) { in.Release.Embargo = press.Embargo{None: true} }, []string{
			"Aziz@agentlik.example 03-05 04:00", "newsroom@tribune.example 03-05 14:00", "otabek@gazeta.example 03-05 04:00", "иван@xn--e1afmkfd.xn--p1ai 03-05 04:00",
		}, "03-05 04:00", "03-05 14:00"},
		"released now, in part": {"2027-03-05T09:00", func(in *Input) { in.Now, in.ReleaseNow = lift.Add(16*time.Hour), true }, []string{
			"Aziz@agentlik.example on approval", "newsroom@tribune.example 03-05 14:00", "otabek@gazeta.example on approval", "иван@xn--e1afmkfd.xn--p1ai on approval",
		}, "01-01 00:00", "03-05 14:00"},
	} {
		t.Run(name, func(t *testing.T) {
			in := local(t, c.at)
			in.Release.Sends = in.Release.Sends[:1]
			in.Suppressed = only("gone@gazeta.example", "dana@kaspiy.example", "held@kaspiy.example")
			c.change(&in)
			p := make1(t, in)
			s := sendOf(t, p, "general")
			sameLines(t, "dues", dues(s), c.want)
			if got := s.Due.Format("01-02 15:04"); got != c.due || s.Until.Format("01-02 15:04") != c.until || len(p.Errors) > 0 {
				t.Errorf("from %s until %s, errors %q", got, s.Until, p.Errors)
			}
			for _, r := range s.Recipients {
				if !r.Due.IsZero() && !r.Deadline.Equal(r.Due.Add(2*time.Hour)) {
					t.Errorf("%s: due %s, deadline %s", r.Address, r.Due, r.Deadline)
				}
			}
		})
	}
}

func TestLocalSendNeedsZones(t *testing.T) {
	in := local(t, "2027-03-05T09:00")
	in.CountryZones = nil
	p := make1(t, in)
	sameLines(t, "errors", p.Errors, []string{
		"send general is at 2027-03-05T09:00 in each contact's zone, and 2 contacts have none that is known, such as newsroom@tribune.example (US); give each a zone, or their country one under country_zones in dateline.yaml",
	})
	if !slices.Contains(skipsOf(p), "general newsroom@tribune.example: no known time zone") {
		t.Errorf("skips:\n%s", strings.Join(skipsOf(p), "\n"))
	}
}

func TestLocalSendThatHasPassed(t *testing.T) {
	in := local(t, "2027-03-05T09:00")
	in.Release.Sends = in.Release.Sends[:1]
	in.Now = lift.Add(16 * time.Hour) // 10:00 in Tashkent, midnight in New York
	sameLines(t, "errors", make1(t, in).Errors, []string{
		"send general was due at 2027-03-05T09:00 in each contact's zone, which has passed for 5 of 6; set a new instant, or say --release-now to send those on approval",
	})
}

func TestQuietHours(t *testing.T) {
	night := map[press.Country]press.QuietHours{"UZ": {From: 17 * 60, To: 7 * 60}} // the lift is at 18:00 there
	for name, c := range map[string]struct {
		change   func(*Input)
		aziz     string
		warnings []string
	}{
		"wait for their end": {func(*Input) {}, "03-05 02:00", []string{
			"send general: 2 contacts wait for the end of the quiet hours in UZ, until 2027-03-05 02:00:00 UTC",
			"send general: 1 contact has no known time zone, so quiet hours are not kept there; add a zone, or country_zones in dateline.yaml",
		}},
		"are ignored": {func(in *Input) { in.Release.Sends[0].IgnoreQuiet = true }, "03-04 13:00", nil},
		"are another country's": {func(in *Input) {
			in.QuietHours = map[press.Country]press.QuietHours{"FR": {From: 0, To: 1439}}
		}, "03-04 13:00", nil},
		"end when the send is due": {func(in *Input) {
			in.QuietHours = map[press.Country]press.QuietHours{"UZ": {From: 1, To: 18 * 60}}
			in.CountryZones = map[press.Country]string{"UZ": "Asia/Tashkent"}
		}, "03-04 13:00", nil},
		"at approval": {func(in *Input) {
			in.Release.Embargo = press.Embargo{None: true}
			in.CountryZones = map[press.Country]string{"UZ": "Asia/Tashkent"}
		}, "on approval", []string{"send general: 3 contacts wait for the end of the quiet hours in UZ, until 2027-03-02 02:00:00 UTC"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := house()
			in.Release.Sends, in.QuietHours = in.Release.Sends[:1], night
			c.change(&in)
			p := make1(t, in)
			if got := dues(sendOf(t, p, "general"))[0]; got != "Aziz@agentlik.example "+c.aziz {
				t.Errorf("%s, want %s", got, c.aziz)
			}
			sameLines(t, "warnings", about(p.Warnings, "quiet"), c.warnings)
			if len(p.Errors) > 0 {
				t.Errorf("errors %q", p.Errors)
			}
		})
	}
}

// TestQuietHoursOnApproval: an approval at night freezes the morning.
func TestQuietHoursOnApproval(t *testing.T) {
	in := house()
	in.Release.Sends, in.Release.Embargo = in.Release.Sends[:1], press.Embargo{None: true}
	in.QuietHours = map[press.Country]press.QuietHours{"UZ": {From: 22 * 60, To: 7 * 60}}
	s := sendOf(t, make1(t, in), "general")
	night := time.Date(2027, 3, 1, 20, 0, 0, 0, time.UTC) // 01:00 in Tashkent
	for _, r := range s.Recipients {
		want := night
		if r.Address == "Aziz@agentlik.example" || r.Address == "otabek@gazeta.example" {
			want = night.Add(6 * time.Hour)
		}
		if got := s.OnApproval(r, night); !got.Due.Equal(want) || !got.Deadline.Equal(want.Add(2*time.Hour)) {
			t.Errorf("%s is due at %s until %s, want %s", r.Address, got.Due, got.Deadline, want)
		}
	}
	set := s.Recipients[0]
	set.Due = lift
	if got := s.OnApproval(set, night); got != set {
		t.Errorf("an instant of its own became %s", got.Due)
	}
}

func follow(in Input, lists []string, after string, due time.Duration) Input {
	in.Release.Sends = append(in.Release.Sends, press.Send{
		Name: "reminder", Kind: press.FollowUp, After: after, Lists: lists, LateAfter: time.Hour,
		At: press.Schedule{Moment: press.Moment{At: lift.Add(due), Zone: "UTC"}},
	})
	return in
}

func TestFollowUps(t *testing.T) {
	for name, c := range map[string]struct {
		lists  []string
		after  string
		due    time.Duration
		change func(*Input)
		who    []string
		skips  []string
		errors []string
	}{
		"to everybody of a send": {nil, "general", time.Hour, func(*Input) {}, []string{
			"Aziz@agentlik.example", "newsroom@tribune.example", "otabek@gazeta.example", "иван@xn--e1afmkfd.xn--p1ai",
		}, nil, nil},
		"within lists": {[]string{"wires", "abroad"}, "general", time.Hour, func(*Input) {}, []string{"Aziz@agentlik.example", "newsroom@tribune.example"}, []string{
			"reminder dana@kaspiy.example: gets no copy of the send general",
			"reminder held@kaspiy.example: gets no copy of the send general",
			"reminder leyla@haber.example: gets no copy of the send general",
		}, nil},
		"of the advance send, at the lift": {nil, "advance", 0, func(*Input) {}, []string{"dana@kaspiy.example", "held@kaspiy.example"}, nil, nil},
		"to who has the copy from an earlier approval": {nil, "general", time.Hour, func(in *Input) {
			in.Holds = func(send string, a press.Address) bool { return send == "general" && a.Domain() == "agentlik.example" }
			in.Suppressed = only("newsroom@tribune.example", "иван@xn--e1afmkfd.xn--p1ai", "gone@gazeta.example")
		}, []string{"Aziz@agentlik.example", "otabek@gazeta.example"}, nil, nil},
		"to nobody a second time": {nil, "general", time.Hour, func(in *Input) {
			in.Holds = func(string, press.Address) bool { return true }
		}, nil, []string{
			"reminder Aziz@agentlik.example: has this send's copy already", "reminder dana@kaspiy.example: has this send's copy already",
			"reminder far@away.example: has this send's copy already", "reminder gone@gazeta.example: suppressed: opt-out", "reminder held@kaspiy.example: has this send's copy already",
			"reminder leyla@haber.example: has this send's copy already", "reminder mute@gazeta.example: has this send's copy already",
			"reminder newsroom@tribune.example: has this send's copy already", "reminder otabek@gazeta.example: has this send's copy already",
			"reminder иван@xn--e1afmkfd.xn--p1ai: has this send's copy already",
		}, nil},
		"not with the send itself": {nil, "general", 0, func(*Input) {}, []string{
			"Aziz@agentlik.example", "newsroom@tribune.example", "otabek@gazeta.example", "иван@xn--e1afmkfd.xn--p1ai",
		}, nil, []string{"send reminder would be due with the send general that it follows, or before it, for 4 contacts; set it later"}},
		"not before a copy that waits": {nil, "general", time.Hour, func(in *Input) {
			in.QuietHours = map[press.Country]press.QuietHours{"UZ": {From: 18 * 60, To: 7 * 60}}
			in.Release.Sends[2].IgnoreQuiet = true
		}, []string{
			"Aziz@agentlik.example", "newsroom@tribune.example", "otabek@gazeta.example", "иван@xn--e1afmkfd.xn--p1ai",
		}, nil, []string{"send reminder would be due with the send general that it follows, or before it, for 2 contacts; set it later"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := follow(house(), c.lists, c.after, c.due)
			c.change(&in)
			p := make1(t, in)
			var who []string
			for _, r := range sendOf(t, p, "reminder").Recipients {
				who = append(who, string(r.Address))
				if r.After != c.after || !r.Deadline.Equal(r.Due.Add(time.Hour)) {
					t.Errorf("%s: after %q, due %s until %s", r.Address, r.After, r.Due, r.Deadline)
				}
			}
			sameLines(t, "recipients", who, c.who)
			sameLines(t, "skips", about(skipsOf(p), "reminder"), c.skips)
			sameLines(t, "errors", p.Errors, c.errors)
		})
	}
}

func TestFollowUpOfNobody(t *testing.T) {
	in := follow(house(), nil, "advance", time.Hour)
	for _, number := range []byte{1, 9} {
		in = change(in, number, func(c *press.Contact) { c.Outlets = nil })
	}
	sameLines(t, "errors", make1(t, in).Errors, []string{"send reminder reaches nobody: nobody gets, or has, a copy of the send advance"})
}

// TestDigestOfInstants: what the new schedules say is in the digest.
func TestDigestOfInstants(t *testing.T) {
	seen := map[string]string{}
	for name, in := range map[string]Input{
		"as it was":            house(),
		"a follow-up":          follow(house(), nil, "general", time.Hour),
		"of another send":      follow(house(), nil, "advance", time.Hour),
		"within a list":        follow(house(), []string{"abroad"}, "general", time.Hour),
		"a local send":         local(t, "2027-03-05T09:00"),
		"a later one":          local(t, "2027-03-05T09:00:01"),
		"with quiet hours":     quiet(local(t, "2027-03-05T09:00"), 10*60),
		"that end later":       quiet(local(t, "2027-03-05T09:00"), 11*60),
		"on approval":          onApproval(house(), 0),
		"on approval, quietly": onApproval(house(), 10*60),
		"and for longer":       onApproval(house(), 11*60),
	} {
		digest := make1(t, in).Digest
		if before, ok := seen[digest]; ok {
			t.Errorf("%s gives the digest of %s", name, before)
		}
		seen[digest] = name
		if again := make1(t, in).Digest; again != digest {
			t.Errorf("%s gives two digests", name)
		}
		in.Now = in.Now.Add(13 * time.Hour)
		if later := make1(t, in).Digest; later != digest {
			t.Errorf("%s: the hour of planning is in the digest", name)
		}
	}
}

func quiet(in Input, to int) Input {
	if to > 0 {
		in.QuietHours = map[press.Country]press.QuietHours{"UZ": {From: 0, To: to}}
	}
	return in
}

func onApproval(in Input, quietTo int) Input {
	in.Release.Embargo = press.Embargo{None: true}
	in.Release.Sends = in.Release.Sends[:1]
	return quiet(in, quietTo)
}
