package receiptpage_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/receipt/receiptpage"
	"dateline/internal/testenv"
)

var lift = time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)

// hostile is what somebody might call an outlet.
const hostile = `</title></style><script>alert(1)</script>"'><img src=x onerror=alert(1)>{{.At}}`

func parts(codes ...string) []receipt.Part {
	all := make([]receipt.Part, len(codes))
	for i, c := range codes {
		first := lift.Add(time.Duration(i*37+12) * time.Millisecond)
		all[i] = receipt.Part{
			Of: c, Copies: 41233 / (i + 1), Accepted: 41190 / (i + 1), First: first, Last: first.Add(time.Duration(40+i) * time.Second),
			States: map[press.State]int{press.Accepted: 41190 / (i + 1), press.Bounced: 43 / (i + 1)},
		}
	}
	return all
}

// drawn is a receipt with something in each of its places, under a name.
func drawn(name string) receipt.Receipt {
	mark := press.Digest{0x9f, 0x02, 0xab, 31: 7}
	at := lift.Add
	return receipt.Receipt{
		At: at(26 * time.Hour), Release: "tashkent-2027", Kind: press.News,
		Titles: []receipt.Title{
			{Lang: "en", Headline: "Central Asia agrees on shared water rules at Tashkent conference" + name},
			{Lang: "ru", Headline: "В Ташкенте согласованы общие правила водопользования"},
			{Lang: "ar", Headline: "اتفاق في طشقند على قواعد مشتركة للمياه"},
		},
		Lift: press.Moment{At: lift, Zone: "Asia/Tashkent"},
		Approvals: []receipt.Approval{
			{Approval: press.Approval{At: at(-30 * time.Hour), By: "Olim Karimov", Recipients: 41180, Digest: strings.Repeat("5d1c", 16)}},
			{Approval: press.Approval{At: at(-27 * time.Hour), By: "Dilnoza Yusupova" + name, Recipients: 41233, Digest: strings.Repeat("a07e", 16)}, InForce: true},
		},
		Acts: []press.Act{
			{At: at(-5 * time.Hour), Act: "hold", By: "Olim Karimov", Detail: "legal wants to read the second paragraph" + name},
			{At: at(-4 * time.Hour), Act: "resume", By: "Olim Karimov"},
		},
		Copies: 41233, States: map[press.State]int{press.Accepted: 41064, press.Bounced: 126, press.Rejected: 31, press.Unknown: 2, press.Skipped: 10},
		Sends: parts("advance", "general"), Countries: parts("AT", "DE", "FR", "GB", "IN", "JP", "KZ", "UZ"), Languages: parts("de", "en", "fr", "ru", "uz"),
		Lateness: receipt.Lateness{Accepted: 41190, First: 12 * time.Millisecond, Half: 19 * time.Second, Most: 42 * time.Second, Last: 3*time.Minute + 7*time.Second},
		Failed:   []press.Failed{{State: press.Bounced, Class: press.Hard, Reason: press.ReasonUserUnknown, N: 88}, {State: press.Bounced, Class: press.Soft, Reason: press.ReasonMailboxFull, N: 38}, {State: press.Rejected, N: 31}},
		Unsent:   []press.Unsent{{State: press.Skipped, Why: "suppressed after the approval" + name, N: 10}},
		Tests:    []press.Tested{{Edition: "ru", State: press.Accepted, N: 3, First: at(-28 * time.Hour), Last: at(-27 * time.Hour)}},
		Notices:  []receipt.Notice{{Release: "tashkent-2027@embargo-1", Kind: press.EmbargoNotice, Approval: press.Approval{At: at(-26 * time.Hour), By: "Olim Karimov", Recipients: 12}, States: map[press.State]int{press.Accepted: 12}}},
		Held: &receipt.Held{At: at(-time.Hour), Copies: 12, Unsure: 1, Holders: []receipt.Holder{
			{Outlet: "Der Standard", OutletKind: press.Newspaper, Country: "AT", Send: "advance", State: press.Accepted, Copies: 4, Since: at(-24 * time.Hour)},
			{OutletKind: press.Freelance, Country: "DE", Send: "advance", State: press.Accepted, Copies: 2, Since: at(-24 * time.Hour)},
			{Outlet: "UzA" + name, OutletKind: press.Wire, Country: "UZ", Send: "advance", State: press.Unknown, Copies: 1, Since: at(-23 * time.Hour), Addresses: []press.Address{"dilnoza@uza.example"}},
		}, Tests: []press.Tested{{Edition: "ru", State: press.Accepted, N: 3, First: at(-28 * time.Hour)}}},
		Seal:     &press.SealMark{N: 118, At: at(25 * time.Hour), Mark: mark},
		Verified: &receipt.Verification{Seals: 118, Computed: 3, Events: 83012, Acts: 5, Unsealed: 2},
	}
}

func page(t *testing.T, r receipt.Receipt) string {
	t.Helper()
	var b bytes.Buffer
	if err := receiptpage.Page(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What people wrote is text, whatever it is; nothing is asked for from elsewhere.
func TestPageShowsWhatPeopleWroteAsText(t *testing.T) {
	text := page(t, drawn(hostile))
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode && strings.Contains(n.Data, hostile):
			shown++
		case n.Type != html.ElementNode:
		case n.Data == "script" || n.Data == "img" || n.Data == "link" || n.Data == "iframe":
			t.Errorf("the page has a %s", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "src" || a.Key == "href" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	if shown != 5 {
		t.Errorf("the name is shown %d times, want 5", shown)
	}
}

func TestPageSays(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*receipt.Receipt)
		want   []string
		not    []string
	}{
		"all of it": {func(*receipt.Receipt) {}, []string{
			"13:00:00.012000", "Olim Karimov", "Uzbekistan", "German", "41\u202f233", "18:00 Asia/Tashkent", "9f02ab00 00000000", "hard: userunknown",
			"not read yet", "dilnoza@uza.example", "is as it was sealed", "2 entries are not sealed yet", "3 min 7 s", "none named",
		}, []string{"not as it was sealed", "before the lift", "0001", "Killed"}},
		"a break": {func(r *receipt.Receipt) {
			r.Verified.Breaks = []receipt.Break{{Seal: 7, From: lift, To: lift.Add(time.Minute), What: "1 event that it covered is gone"}}
		}, []string{"The trail is not as it was sealed", "seal 7, from 2027-03-04 13:00:00.000 UTC to 2027-03-04 13:01:00.000 UTC: 1 event that it covered is gone"}, []string{"is as it was sealed"}},
		"a kill, and a copy that was early": {func(r *receipt.Receipt) {
			r.Control = press.Control{Killed: "wrong figures", KillBy: "Olim", KillAt: lift}
			r.Lateness.Early, r.Lateness.First = 1, -3*time.Second
		}, []string{"wrong figures", "1 copy was accepted before the lift", "−3.0 s"}, nil},
		"nothing yet": {func(r *receipt.Receipt) {
			*r = receipt.Receipt{At: lift, Release: "tashkent-2027", Kind: press.News, Approvals: r.Approvals}
		}, []string{"Nothing of the trail behind this receipt is sealed yet", "0 copies"}, []string{"0001", "After the lift", "Test copies", "did not arrive", "Who held"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := drawn("")
			c.change(&r)
			text := html.UnescapeString(page(t, r))
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, not := range c.not {
				if strings.Contains(text, not) {
					t.Errorf("the page has %q", not)
				}
			}
		})
	}
}

// The page as whoever is sent it opens it, as a file, on a phone and on a desk,
// light and dark: no wider than the screen, and readable. With DATELINE_PICTURES
// set to a folder the pictures are written there, to be looked at.
func TestPageInABrowser(t *testing.T) {
	file := filepath.Join(t.TempDir(), "receipt.html")
	if err := os.WriteFile(file, []byte(page(t, drawn(""))), 0o600); err != nil {
		t.Fatal(err)
	}
	tab := testenv.OpenTab(t)
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			testenv.OpenAt(tab, t, "file://"+file, testenv.Screen{Width: width, Scheme: scheme})
			if got := testenv.See(tab, t); got.Lang != "en" || got.Width > width || got.Worst < 4.5 || got.Unnamed+got.Unreached > 0 {
				t.Errorf("%d, %s: %+v", width, scheme, got)
			}
			if folder := os.Getenv("DATELINE_PICTURES"); folder != "" {
				testenv.Picture(tab, t, filepath.Join(folder, fmt.Sprintf("receipt-%d-%s.png", width, scheme)))
			}
		}
	}
}
