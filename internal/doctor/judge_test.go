package doctor

import (
	"crypto/ed25519"
	"flag"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

var update = flag.Bool("update", false, "write testdata/findings.golden anew")

func TestGoodFactsHaveNoFinding(t *testing.T) {
	r := Judge(*good(t))
	for _, f := range r.Findings {
		if f.Level != OK {
			t.Errorf("%s of %s: %s, %s", f.Check, f.Of, f.Level, f.What)
		}
	}
	if r.Counts[OK] != 15 {
		t.Errorf("%d findings are ok; is one not looked for any more?", r.Counts[OK])
	}
}

// change is one thing that is wrong, and the worst finding that it must bring.
type change struct {
	name  string
	make  func(*Facts)
	check string
	level Level
}

func changes(t testing.TB) []change {
	return slices.Concat(spfChanges(), dkimChanges(t), dmarcChanges(), senderChanges(), houseChanges())
}

func spfChanges() []change {
	s := func(f *Facts) *Sender { return &f.Senders[0] }
	verdict := func(f *Facts, v Verdict) {
		v.IP = netip.MustParseAddr("198.51.100.7")
		f.Senders[0].Verdicts["main"] = []Verdict{v}
	}
	return []change{
		{"SPF was not answered", func(f *Facts) { s(f).SPF = SPF{Why: deaf} }, "spf", NotKnown},
		{"no SPF", func(f *Facts) { s(f).SPF = SPF{} }, "spf", Fault},
		{"SPF is broken", func(f *Facts) { s(f).SPF.Wrong = "mail.conference.example has 2 SPF records" }, "spf", Fault},
		{"eleven lookups, behind our addresses", func(f *Facts) { s(f).SPF.Lookups = 11 }, "spf", Warning},
		{"eleven lookups before our addresses", func(f *Facts) { s(f).SPF.Lookups = 11; verdict(f, Verdict{Result: "permerror"}) }, "spf", Fault},
		{"eleven lookups, for a guess", func(f *Facts) { s(f).SPF.Lookups = 11; f.Relays[0].Certain = false }, "spf", Fault},
		{"SPF fails", func(f *Facts) { verdict(f, Verdict{Result: "fail"}) }, "spf", Fault},
		{"SPF fails softly", func(f *Facts) { verdict(f, Verdict{Result: "softfail"}) }, "spf", Fault},
		{"SPF fails for a guess", func(f *Facts) { verdict(f, Verdict{Result: "fail"}); f.Relays[0].Certain = false }, "spf", Warning},
		{"SPF passes for a guess", func(f *Facts) { f.Relays[0].Certain = false }, "spf", OK},
		{"SPF hung", func(f *Facts) { verdict(f, Verdict{Result: "temperror", Detail: deaf}) }, "spf", NotKnown},
		{"nothing was asked of SPF", func(f *Facts) { s(f).Verdicts = nil }, "spf", NotKnown},
		{"the relay's address is not known", func(f *Facts) { f.Relays[0].Outgoing = Answer[[]Outgoing]{Why: deaf} }, "spf", NotKnown},
		{"the relay is inside", func(f *Facts) { f.Relays[0].Outgoing = Answer[[]Outgoing]{} }, "spf", NotKnown},
	}
}

func dkimChanges(t testing.TB) []change {
	all := keys(t)
	key := func(f *Facts) *Key { return &f.Senders[0].Keys[0] }
	add := func(f *Facts, k Key) { f.Senders[0].Keys = append(f.Senders[0].Keys, k) }
	edwards := published("conference.example", "e2027", all[2])
	return []change{
		{"no key", func(f *Facts) { f.Senders[0].Keys = nil }, "dkim", NotKnown},
		{"the key was not answered", func(f *Facts) { key(f).Records = Answer[[]string]{Why: deaf} }, "dkim", NotKnown},
		{"the key is not published", func(f *Facts) { key(f).Records = texts() }, "dkim", Fault},
		{"two records", func(f *Facts) { key(f).Records.Got = append(key(f).Records.Got, "v=DKIM1; p=") }, "dkim", Fault},
		{"another key", func(f *Facts) { key(f).Public = all[1] }, "dkim", Fault},
		{"a key of another kind", func(f *Facts) { key(f).Records.Got = edwards.Records.Got }, "dkim", Fault},
		{"the key is revoked", func(f *Facts) { key(f).Records = texts("v=DKIM1; p=") }, "dkim", Fault},
		{"the key is cut", func(f *Facts) { key(f).Records = texts(key(f).Records.Got[0][:255]) }, "dkim", Fault},
		{"a key for tests", func(f *Facts) { key(f).Records = texts(key(f).Records.Got[0] + "; t=y") }, "dkim", Warning},
		{"a second key is not published", func(f *Facts) { add(f, Key{Domain: "conference.example", Selector: "s2028", Public: all[1]}) }, "dkim", Warning},
		{"only Ed25519 is published", func(f *Facts) { key(f).Records = texts(); add(f, edwards) }, "dkim", Fault},
		{"both are published", func(f *Facts) { add(f, edwards) }, "dkim", OK},
	}
}

func dmarcChanges() []change {
	policy := func(f *Facts, records ...string) { f.Senders[0].DMARC[0].Records = texts(records...) }
	noKey := func(f *Facts) { f.Senders[0].Keys[0].Records = texts() }
	noSPF := func(f *Facts) { f.Senders[0].SPF = SPF{} }
	return []change{
		{"DMARC was not answered", func(f *Facts) { f.Senders[0].DMARC[0].Records = Answer[[]string]{Why: deaf} }, "dmarc", NotKnown},
		{"no DMARC", func(f *Facts) { policy(f, "google-site-verification=1") }, "dmarc", Fault},
		{"two policies", func(f *Facts) { policy(f, "v=DMARC1; p=none", "v=DMARC1; p=reject") }, "dmarc", Fault},
		{"a policy without p", func(f *Facts) { policy(f, "v=DMARC1; rua=mailto:a@conference.example") }, "dmarc", Fault},
		{"a policy that is none", func(f *Facts) { policy(f, "v=DMARC1; p=refuse") }, "dmarc", Fault},
		{"a policy in capitals", func(f *Facts) { policy(f, "v=DMARC1; P=Reject; ASPF=S") }, "dmarc", Fault}, // tags have a case, values not
		{"values in capitals", func(f *Facts) { policy(f, "v=DMARC1; p=Reject; aspf=S") }, "dmarc", OK},
		{"DKIM alone passes", noSPF, "dmarc", OK},
		{"SPF alone passes", noKey, "dmarc", OK},
		{"SPF alone passes, and is of another domain", func(f *Facts) { noKey(f); policy(f, "v=DMARC1; p=none; aspf=s") }, "dmarc", Fault},
		{"DKIM alone passes, and is of another domain", func(f *Facts) {
			noSPF(f)
			f.Senders[0].Keys[0].Domain = "mail.conference.example"
			policy(f, "v=DMARC1; p=none; adkim=s")
		}, "dmarc", Fault},
		{"neither passes", func(f *Facts) { noKey(f); noSPF(f) }, "dmarc", Fault},
		{"neither is known", func(f *Facts) { f.Senders[0].Keys = nil; f.Senders[0].SPF = SPF{Why: deaf} }, "dmarc", NotKnown},
		{"SPF passes for a guess, nothing else is known", func(f *Facts) { f.Senders[0].Keys = nil; f.Relays[0].Certain = false }, "dmarc", NotKnown},
		{"the envelope is another organisation's", func(f *Facts) { noKey(f); f.Senders[0].Envelope = "bounces.provider.example" }, "dmarc", Fault},
		{"the organisation's policy holds", func(f *Facts) {
			f.Senders[0].From = "press.conference.example"
			f.Senders[0].DMARC = []Policies{{Domain: "press.conference.example"}, f.Senders[0].DMARC[0]}
		}, "dmarc", OK},
		{"nobody's policy holds", func(f *Facts) {
			f.Senders[0].From = "press.conference.example"
			f.Senders[0].DMARC = []Policies{{Domain: "press.conference.example"}, {Domain: "conference.example"}}
		}, "dmarc", Fault},
	}
}

func senderChanges() []change {
	s := func(f *Facts) *Sender { return &f.Senders[0] }
	none := Answer[press.DomainMail]{Got: press.DomainMail{Found: press.MailNone, Detail: "it has neither an MX nor an address"}}
	null := Answer[press.DomainMail]{Got: press.DomainMail{Found: press.MailNull, Detail: "it says that it takes no mail (RFC 7505)"}}
	policy := func(f *Facts, text string) { s(f).STSPolicy = Answer[string]{Got: text} }
	return []change{
		{"From's domain is none", func(f *Facts) { s(f).FromMail = none }, "from", Fault},
		{"From's domain was not answered", func(f *Facts) { s(f).FromMail = Answer[press.DomainMail]{Why: deaf} }, "from", NotKnown},
		{"bounces cannot come back", func(f *Facts) { s(f).BounceMail = null }, "bounces", Fault},
		{"where bounces go was not answered", func(f *Facts) { s(f).BounceMail = Answer[press.DomainMail]{Why: deaf} }, "bounces", NotKnown},
		{"no one click", func(f *Facts) { s(f).OptOut = false }, "unsubscribe", Warning},
		{"the relay signs, or not", func(f *Facts) { s(f).Keys = nil }, "unsubscribe", NotKnown},
		{"no MTA-STS", func(f *Facts) { s(f).STS = texts() }, "mta-sts", Note},
		{"MTA-STS was not answered", func(f *Facts) { s(f).STS = Answer[[]string]{Why: deaf} }, "mta-sts", NotKnown},
		{"two records of MTA-STS", func(f *Facts) { s(f).STS = texts("v=STSv1; id=1", "v=STSv1; id=2") }, "mta-sts", Warning},
		{"no policy of MTA-STS", func(f *Facts) { s(f).STSPolicy = Answer[string]{Why: deaf} }, "mta-sts", NotKnown},
		{"a page of HTML as policy", func(f *Facts) { policy(f, "<!doctype html>\n") }, "mta-sts", Warning},
		{"a policy for another MX", func(f *Facts) { policy(f, "version: STSv1\nmode: enforce\nmx: mx.elsewhere.example\nmax_age: 1\n") }, "mta-sts", Warning},
		{"a test of another MX", func(f *Facts) { policy(f, "version: STSv1\nmode: testing\nmx: mx.elsewhere.example\nmax_age: 1\n") }, "mta-sts", OK},
		{"an MX that is not known", func(f *Facts) { s(f).MX = Answer[[]string]{Why: deaf} }, "mta-sts", NotKnown},
		{"no TLS-RPT", func(f *Facts) { s(f).TLSRPT = texts() }, "tls-rpt", Note},
		{"TLS-RPT was not answered", func(f *Facts) { s(f).TLSRPT = Answer[[]string]{Why: deaf} }, "tls-rpt", NotKnown},
		{"TLS-RPT to nobody", func(f *Facts) { s(f).TLSRPT = texts("v=TLSRPTv1") }, "tls-rpt", Warning},
	}
}

func houseChanges() []change {
	session := func(f *Facts) *Session { return &f.Relays[0].Session }
	outgoing := func(f *Facts) *Outgoing { return &f.Relays[0].Outgoing.Got[0] }
	page := func(r Reply) func(*Facts) { return func(f *Facts) { f.OneClick.Post = r } }
	clock := func(ahead, within time.Duration) func(*Facts) {
		return func(f *Facts) { f.Clocks[0].Ahead, f.Clocks[0].Within = ahead, within }
	}
	return []change{
		{"the relay refuses us", func(f *Facts) { *session(f) = Session{Refused: "535 5.7.8 wrong password"} }, "relay", Fault},
		{"the relay is silent", func(f *Facts) { *session(f) = Session{Why: "i/o timeout"} }, "relay", NotKnown},
		{"plain text to another machine", func(f *Facts) { *session(f) = Session{} }, "relay", Warning},
		{"plain text on this machine", func(f *Facts) { *session(f) = Session{}; f.Relays[0].Loopback = true }, "relay", OK},
		{"the certificate ends before the lift", func(f *Facts) { session(f).Until = noon().Add(time.Minute) }, "relay", Fault},
		{"the certificate ends soon", func(f *Facts) { session(f).Until = noon().AddDate(0, 0, 7) }, "relay", Warning},
		{"no name", func(f *Facts) { outgoing(f).Names.Got = nil }, "ptr", Fault},
		{"no name of a guess", func(f *Facts) { outgoing(f).Names.Got = nil; f.Relays[0].Certain = false }, "ptr", Warning},
		{"the name was not answered", func(f *Facts) { outgoing(f).Names = Answer[[]Name]{Why: deaf} }, "ptr", NotKnown},
		{"the name leads elsewhere", func(f *Facts) { outgoing(f).Names.Got[0].Leads.Got = false }, "ptr", Fault},
		{"where the name leads was not answered", func(f *Facts) { outgoing(f).Names.Got[0].Leads = Answer[bool]{Why: deaf} }, "ptr", NotKnown},
		{"the addresses were not answered", func(f *Facts) { f.Relays[0].Outgoing = Answer[[]Outgoing]{Why: deaf} }, "ptr", NotKnown},
		{"the mailbox refuses us", func(f *Facts) { f.Mailboxes[0].Refused = "the server refused the user name or the password" }, "mailbox", Warning},
		{"the mailbox is silent", func(f *Facts) { f.Mailboxes[0].Why = "the server does not answer" }, "mailbox", NotKnown},
		{"the mailbox is our own", func(f *Facts) { f.Mailboxes[0].Here = true }, "mailbox", Note},
		{"one click is silent", page(Reply{Why: deaf}), "one-click", NotKnown},
		{"one click has a wrong certificate", page(Reply{Refused: "x509: certificate has expired"}), "one-click", Fault},
		{"one click is redirected", page(Reply{Status: http.StatusMovedPermanently, To: "https://elsewhere.example"}), "one-click", Fault},
		{"one click is answered by another", page(Reply{Status: http.StatusNotFound}), "one-click", Fault},
		{"one click is taken by another", page(Reply{Status: http.StatusOK}), "one-click", Fault},
		{"one click takes what is none", page(Reply{Status: http.StatusOK, Ours: true}), "one-click", Fault},
		{"one click breaks", page(Reply{Status: http.StatusBadGateway}), "one-click", Fault},
		{"one click is pressed too often", page(Reply{Status: http.StatusTooManyRequests, Ours: true}), "one-click", NotKnown},
		{"the page is broken", func(f *Facts) { f.OneClick.Get.Status = http.StatusServiceUnavailable }, "one-click", Fault},
		{"the clock is ahead", clock(1500*time.Millisecond, 10*time.Millisecond), "clock", Fault},
		{"the clock is behind", clock(-3*time.Second, 600*time.Millisecond), "clock", Fault},
		{"the clock is some way off", clock(-900*time.Millisecond, 10*time.Millisecond), "clock", OK},
		{"the clock may be off", clock(1005*time.Millisecond, 10*time.Millisecond), "clock", NotKnown},
		{"a clock of whole seconds", clock(490*time.Millisecond, 520*time.Millisecond), "clock", OK},
		{"a clock far away", clock(200*time.Millisecond, 1500*time.Millisecond), "clock", NotKnown},
		{"the clock was not answered", func(f *Facts) { f.Clocks[0].Why = deaf }, "clock", NotKnown},
		{"no other clock", func(f *Facts) { f.Clocks = nil }, "clock", NotKnown},
	}
}

// badness is the order of levels from good to bad.
var badness = []Level{OK, Note, NotKnown, Warning, Fault}

func TestEachChangeIsFound(t *testing.T) {
	var golden strings.Builder
	for _, c := range changes(t) {
		f := good(t)
		c.make(f)
		r := Judge(*f)
		worst := OK
		fmt.Fprintf(&golden, "# %s\n", c.name)
		for _, x := range r.Findings {
			if x.Check == c.check && slices.Index(badness, x.Level) > slices.Index(badness, worst) {
				worst = x.Level
			}
			if x.What == "" || x.Of == "" || x.Level == Fault && x.Want == "" {
				t.Errorf("%s: a finding that helps nobody: %+v", c.name, x)
			}
			if x.Level != OK || c.level == OK && x.Check == c.check {
				golden.WriteString(line(x))
			}
		}
		if worst != c.level {
			t.Errorf("%s: %s of %s; want %s", c.name, worst, c.check, c.level)
		}
	}
	const path = "testdata/findings.golden"
	if *update {
		if err := os.WriteFile(path, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != golden.String() {
		t.Errorf("the findings are not those of %s (%v); go test ./internal/doctor -update writes it:\n%s", path, err, golden.String())
	}
}

var madeKey = regexp.MustCompile(`p=[A-Za-z0-9+/=" ]{20,}`)

// line is a finding as the golden file has it, without the keys, which are new
// at each run.
func line(x Finding) string {
	l := fmt.Sprintf("%s: %s of %s: %s", x.Level, x.Check, x.Of, x.What)
	if x.Want != "" {
		l += "\n    wanted: " + x.Want
	}
	if x.Publish != nil {
		l += "\n    " + madeKey.ReplaceAllString(x.Publish.Line(), "p=…")
	}
	return l + "\n"
}

// A record that is told to be published is one that a receiver takes, in
// strings that DNS does.
func TestWhatIsToBePublishedIsRight(t *testing.T) {
	for _, public := range keys(t) {
		k := Key{Domain: "conference.example", Selector: "s2027", Public: public}
		r := keyToPublish(k)
		read, err := ParseKeyRecord(strings.Join(r.Strings, ""))
		if err != nil {
			t.Fatal(err)
		}
		f, stand := judgeKey(Key{Domain: k.Domain, Selector: k.Selector, Public: public, Records: texts(r.Value)})
		if stand != yes || read.Testing {
			t.Errorf("%+v", f)
		}
		for _, s := range r.Strings {
			if len(s) > 255 || s == "" {
				t.Errorf("a string of %d characters", len(s))
			}
		}
		if _, small := public.(ed25519.PublicKey); !small && len(r.Strings) != 2 {
			t.Errorf("an RSA key in %d strings", len(r.Strings))
		}
	}
	if _, err := ParseDMARC("v=DMARC1; p=none"); err != nil {
		t.Error(err)
	}
	f := good(t)
	f.Senders[0].SPF = SPF{}
	spf := Judge(*f).Findings[0].Publish
	if spf == nil || spf.Value != "v=spf1 ip4:198.51.100.7 -all" {
		t.Errorf("SPF to publish: %+v", spf)
	}
}
