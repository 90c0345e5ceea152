package doctor

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestParseSPF(t *testing.T) {
	for record, want := range map[string]int{
		"v=spf1 -all":               0,
		"V=SPF1 ip4:192.0.2.1 ~all": 0,
		"v=spf1 a mx:mail.example/24//64 ptr exists:%{i}.x.example include:_spf.example redirect=b.example": 6,
		"v=spf1 include:a.example all redirect=b.example":                                                   1,
		"v=spf1 all include:a.example":                                                                      0,
		"v=spf1 ip6:2001:db8::/32 exp=why.example unknown=x":                                                0,
		"v=spf1": 0,
	} {
		if r, err := ParseSPF(record); err != nil || r.Lookups != want {
			t.Errorf("%q: %d lookups, %v; want %d", record, r.Lookups, err, want)
		}
	}
	for _, record := range []string{
		"", "v=spf10 -all", "v=spf1 ip4:2001:db8::1", "v=spf1 ip6:192.0.2.1", "v=spf1 ip4:192.0.2.1/33", "v=spf1 ip4", "v=spf1 a:", "v=spf1 a/33",
		"v=spf1 include", "v=spf1 all:x", "v=spf1 -", "v=spf1 redirect=a.example redirect=b.example", "v=spf1 redirect=", "v=spf1 ipv4:192.0.2.1", "v=spf1 mx//129",
		"v=spf1 \u2013all", "v=spf1 include:a.example,b.example exists",
	} {
		if r, err := ParseSPF(record); err == nil {
			t.Errorf("%q is taken for %+v", record, r)
		}
	}
}

// chain answers as a zone of TXT records does.
type chain map[string][]string

func (c chain) look(name string) Answer[[]string] {
	if name == "deaf.example" {
		return Answer[[]string]{Why: deaf}
	}
	return texts(c[name]...)
}

func TestReadSPF(t *testing.T) {
	c := chain{
		"one.example":   {"v=spf1 include:two.example mx -all", "another text"},
		"two.example":   {"v=spf1 a include:three.example. ~all"},
		"three.example": {"v=spf1 ip4:192.0.2.1 -all"},
		"twice.example": {"v=spf1 -all", "v=spf1 ~all"},
		"wrong.example": {"v=spf1 include:twice.example -all"},
		"void.example":  {"v=spf1 include:nowhere.example -all"},
		"typo.example":  {"v=spf1 ip:192.0.2.1 -all"},
		"hung.example":  {"v=spf1 include:deaf.example -all"},
		"loop.example":  {"v=spf1 a include:loop.example -all"},
		"fork.example":  {"v=spf1 include:fork.example include:fork.example -all"},
		"none.example":  {"spf1 -all"},
	}
	for domain, want := range map[string]SPF{
		"one.example":   {Records: []string{"v=spf1 include:two.example mx -all"}, Lookups: 4},
		"none.example":  {},
		"twice.example": {Records: c["twice.example"], Wrong: "twice.example has 2 SPF records"},
		"wrong.example": {Records: c["wrong.example"], Lookups: 1, Wrong: "twice.example has 2 SPF records"},
		"void.example":  {Records: c["void.example"], Lookups: 1, Wrong: "the SPF record of void.example takes in nowhere.example, which has none"},
		"typo.example":  {Records: c["typo.example"], Wrong: "the SPF record of typo.example: `ip:192.0.2.1` is no mechanism"},
		"hung.example":  {Records: c["hung.example"], Lookups: 1, Why: deaf},
		"deaf.example":  {Why: deaf},
	} {
		got := ReadSPF(domain, c.look)
		if !slices.Equal(got.Records, want.Records) || got.Lookups != want.Lookups || got.Wrong != want.Wrong || got.Why != want.Why {
			t.Errorf("%s: %+v; want %+v", domain, got, want)
		}
	}
	for _, domain := range []string{"loop.example", "fork.example"} {
		if got := ReadSPF(domain, c.look); got.Lookups <= maxLookups {
			t.Errorf("%s: %+v", domain, got)
		}
	}
}

func TestParseKeyRecord(t *testing.T) {
	key := published("a.example", "s", keys(t)[0]).Records.Got[0]
	_, p, _ := strings.Cut(key, "p=")
	p = "p=" + p
	for record, test := range map[string]bool{
		key: false, p: false, "v=DKIM1; h=sha1:sha256; s=email:other; t=s; " + p + ";": false, " v = DKIM1 ; t = s : y ;\tn=a note; " + p: true,
		"v=DKIM1;k=rsa;" + p[:100] + " \r\n\t" + p[100:]: false,
	} {
		if r, err := ParseKeyRecord(record); err != nil || r.Testing != test {
			t.Errorf("%q: %+v, %v", record, r, err)
		}
	}
	for _, record := range []string{
		"", "v=DKIM1", "v=DKIM1; p=", "v=DKIM2; " + p, p + "; v=DKIM1", key + "; " + p, "v=DKIM1; k=ed25519; " + p, "v=DKIM1; k=dsa; " + p,
		"v=DKIM1; h=sha1; " + p, "v=DKIM1; s=tlsrpt; " + p, "v=DKIM1; p=!", "v=DKIM1; p=AAAA", `"` + key + `"`, "<html>",
	} {
		if r, err := ParseKeyRecord(record); err == nil {
			t.Errorf("%q is taken for %+v", record, r)
		}
	}
}

func TestParseSTS(t *testing.T) {
	const text = "version: STSv1\nmode: enforce\nmx: mail.example.org\nmx: *.example.net\nmax_age: 604800\nnew: thing\nmode: none\n"
	if p, err := ParseSTS(text); err != nil || p.Mode != "enforce" || !slices.Equal(p.MX, []string{"mail.example.org", "*.example.net"}) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := ParseSTS("version: STSv1\nmode: none\nmax_age: 0"); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", "mode: none\nmax_age: 1", "version: STSv1\nmode: enforce\nmax_age: 1", "version: STSv1\nmode: on\nmx: a\nmax_age: 1", "version: STSv1\nmode: none", "version: STSv1\nmode: none\nmax_age: -1", "no policy"} {
		if p, err := ParseSTS(text); err == nil {
			t.Errorf("%q is taken for %+v", text, p)
		}
	}
	hosts := map[string]bool{"mail.example.org": true, "MX.example.net.": true, "a.b.example.net": false, "example.net": false, "mail.example.org.evil.example": false}
	for host, want := range hosts {
		if got := covers("mail.example.org", host) || covers("*.example.net", host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// What strangers publish breaks nothing, and what is read is what judging needs.
func FuzzRecords(f *testing.F) {
	for _, s := range []string{
		"v=spf1 include:a.example mx/24//64 -all", "v=DKIM1; k=rsa; p=AAAA", "v=DMARC1; p=none; rua=mailto:a@b.example; pct=50",
		"version: STSv1\nmode: testing\nmx: *.example\nmax_age: 1", "v=spf1 redirect=%{d}", "v=DMARC1; =", "v=spf1 +", "v=spf1 \x1b[2J", "v=DKIM1; p=\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseSPF(s); err == nil && (r.Lookups < len(r.Follows) || r.Lookups > len(s)) {
			t.Errorf("%+v", r)
		}
		if r, err := ParseKeyRecord(s); err == nil && r.Public == nil {
			t.Error("a record without a key was read")
		}
		if r, err := ParseDMARC(s); err == nil && (r == nil || r.Policy == "") {
			t.Errorf("%+v", r)
		}
		if p, err := ParseSTS(s); err == nil && p.Mode != "none" && len(p.MX) == 0 {
			t.Errorf("%+v", p)
		}
		facts := Facts{Senders: []Sender{{From: "a.example", Envelope: "b.example", DMARC: []Policies{{Domain: "a.example", Records: texts(s)}}, STS: texts(s), STSPolicy: Answer[string]{Got: s}, TLSRPT: texts(s)}}}
		facts.Senders[0].SPF = ReadSPF("b.example", func(string) Answer[[]string] { return texts(s) })
		for _, x := range Judge(facts).Findings {
			if x.Level == "" || x.What == "" || strings.ContainsFunc(x.What, unicode.IsControl) {
				t.Errorf("%+v", x)
			}
		}
	})
}
