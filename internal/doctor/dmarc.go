package doctor

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

var dmarcVersion = regexp.MustCompile(`^v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)`)

// ParseDMARC reads a policy (RFC 7489, 6.3), whose values may be in any case.
func ParseDMARC(record string) (*dmarc.Record, error) {
	if !dmarcVersion.MatchString(record) {
		return nil, errors.New("`v=DMARC1` does not stand first")
	}
	all, err := tags(record)
	if err != nil {
		return nil, err
	}
	lowered := "v=DMARC1"
	for name, value := range all {
		if name != "v" {
			lowered += ";" + name + "=" + strings.ToLower(value)
		}
	}
	r, err := dmarc.Parse(lowered)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "dmarc: "))
	}
	return r, nil
}

// Organisation is the domain that others of one organisation stand below; the
// domain itself where there is none above it.
func Organisation(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(domain)); err == nil {
		return org
	}
	return strings.ToLower(domain)
}

// aligned tells whether DMARC counts what stands for a domain for From's.
func aligned(domain, from string, mode dmarc.AlignmentMode) bool {
	if mode == dmarc.AlignmentStrict {
		return strings.EqualFold(domain, from)
	}
	return Organisation(domain) == Organisation(from)
}

// policyInForce finds the policy that receivers go by: of From's own domain, or
// else of its organisation's.
func policyInForce(s Sender) (domain, record string, f *Finding) {
	for _, p := range s.DMARC {
		var records []string
		for _, r := range p.Records.Got {
			if dmarcVersion.MatchString(r) {
				records = append(records, r)
			}
		}
		switch {
		case p.Records.Why != "":
			return "", "", &Finding{Of: p.Domain, Level: NotKnown, What: p.Records.Why}
		case len(records) > 1:
			return "", "", &Finding{Of: p.Domain, Level: Fault, What: fmt.Sprintf("%d policies are published: receivers go by none of them", len(records)), Want: "one"}
		case len(records) == 1:
			return p.Domain, records[0], nil
		}
	}
	org := Organisation(s.From)
	return "", "", &Finding{
		Of: s.From, Level: Fault, What: "no policy is published: Gmail, Yahoo and Microsoft refuse mail in bulk without one",
		Want: "one that asks for nothing, to begin with", Publish: txt("_dmarc."+org, "v=DMARC1; p=none"),
	}
}

// judgeDMARC tells whether what SPF and DKIM came to counts for From's domain.
func judgeDMARC(s Sender, spf stands, signatures []signature) []Finding {
	domain, record, f := policyInForce(s)
	if f != nil {
		f.Check = "dmarc"
		return []Finding{*f}
	}
	r, err := ParseDMARC(record)
	if err != nil {
		return []Finding{{
			Check: "dmarc", Of: domain, Level: Fault, What: "the policy cannot be read: " + err.Error(), Want: "one such as the one below",
			Publish: txt("_dmarc."+domain, "v=DMARC1; p=none"),
		}}
	}
	policy := "p=" + string(r.Policy)
	if !strings.EqualFold(domain, s.From) {
		policy += " of " + domain
		if r.SubdomainPolicy != "" {
			policy = "sp=" + string(r.SubdomainPolicy) + " of " + domain
		}
	}
	return []Finding{judgeAlignment(s, r, policy, spf, signatures)}
}

// judgeAlignment looks for one of the two that passes and is of From's domain.
func judgeAlignment(s Sender, r *dmarc.Record, policy string, spf stands, signatures []signature) Finding {
	best, by := no, []string{}
	count := func(stand stands, what string) {
		if stand == yes {
			by = append(by, what)
		}
		best = max(best, stand)
	}
	if aligned(s.Envelope, s.From, r.SPFAlignment) {
		count(spf, "SPF of "+s.Envelope)
	}
	for _, x := range signatures {
		if aligned(x.domain, s.From, r.DKIMAlignment) {
			count(x.stands, "DKIM of "+x.domain)
		}
	}
	f := Finding{Check: "dmarc", Of: s.From}
	switch best {
	case yes:
		f.Level, f.What = OK, policy+"; it passes by "+strings.Join(by, " and ")
	case maybe:
		f.Level, f.What = NotKnown, policy+"; whether it passes hangs on what is not known of SPF and DKIM"
	default:
		f.Level, f.What = Fault, policy+"; neither SPF nor DKIM passes for a domain that counts for "+s.From+alignment(r)
		f.Want = "a key in `dkim` whose record stands, or `bounces` at " + s.From + " with SPF that passes"
	}
	return f
}

// alignment names what is asked strictly.
func alignment(r *dmarc.Record) string {
	var strict []string
	if r.SPFAlignment == dmarc.AlignmentStrict {
		strict = append(strict, "aspf=s")
	}
	if r.DKIMAlignment == dmarc.AlignmentStrict {
		strict = append(strict, "adkim=s")
	}
	if len(strict) == 0 {
		return ""
	}
	return " (" + strings.Join(strict, ", ") + ": the very same domain)"
}
