package doctor

import (
	"fmt"
	"slices"
	"strings"

	"dateline/internal/press"
)

// judgeFrom tells whether From's domain is a real one. The Message-ID is made of
// it, too.
func judgeFrom(s Sender) Finding {
	f := Finding{Check: "from", Of: s.From}
	return judgeDomain(f, s.FromMail, "From and Message-ID", "replies")
}

// judgeBounces tells whether what comes back can.
func judgeBounces(s Sender) Finding {
	f := Finding{Check: "bounces", Of: s.Envelope}
	return judgeDomain(f, s.BounceMail, "the envelope's sender", "bounces")
}

// judgeDomain tells whether a domain takes mail. Receivers refuse a sender whose
// own does not.
func judgeDomain(f Finding, mail Answer[press.DomainMail], whose, what string) Finding {
	switch {
	case mail.Why != "":
		f.Level, f.What = NotKnown, mail.Why
	case !mail.Got.Found.Takes():
		f.Level, f.What = Fault, "the domain of "+whose+" takes no mail: "+mail.Got.Detail
		f.Want = "an MX that " + what + " reach; receivers refuse senders who cannot be answered"
	default:
		f.Level, f.What = OK, what+" go to "+strings.TrimSuffix(mail.Got.Detail, ".")
	}
	return f
}

// judgeUnsubscribe tells whether mail has the links that Gmail and Yahoo ask
// for, and whether they are signed.
func judgeUnsubscribe(s Sender) Finding {
	f := Finding{Check: "unsubscribe", Of: s.From}
	switch {
	case !s.OptOut:
		f.Level, f.What = Warning, "mail has no List-Unsubscribe with one click, which Gmail and Yahoo ask of mail in bulk (RFC 8058)"
		f.Want = "`optout.url` in dateline.yaml"
	case len(s.Keys) == 0:
		f.Level, f.What = NotKnown, "mail has List-Unsubscribe with one click, and nothing tells whether the relay signs it"
		f.Want = "a relay that puts List-Unsubscribe and List-Unsubscribe-Post under its signature, or a key in `dkim` of the sender"
	default:
		f.Level, f.What = OK, "List-Unsubscribe with one click, under each signature"
	}
	return f
}

// judgeMTASTS tells whether others must use TLS to where bounces go (RFC 8461).
// A policy that does not fit keeps bounces away; none harms nobody.
func judgeMTASTS(s Sender) Finding {
	f := Finding{Check: "mta-sts", Of: s.Envelope}
	records := beginning(s.STS.Got, "v=STSv1")
	switch {
	case s.STS.Why != "":
		f.Level, f.What = NotKnown, s.STS.Why
		return f
	case len(records) == 0:
		f.Level, f.What = Note, "none published; nobody refuses mail for that"
		return f
	case len(records) > 1:
		f.Level, f.What, f.Want = Warning, fmt.Sprintf("%d records are published, which count as none", len(records)), "one"
		return f
	case s.STSPolicy.Why != "":
		f.Level, f.What = NotKnown, s.STSPolicy.Why
		return f
	}
	p, err := ParseSTS(s.STSPolicy.Got)
	if err != nil {
		f.Level, f.What = Warning, "the policy cannot be read: "+err.Error()
		f.Want = "a policy as RFC 8461, 3.2 has it, or no record at _mta-sts."
		return f
	}
	if p.Mode == "enforce" && s.MX.Why != "" {
		f.Level, f.What = NotKnown, s.MX.Why
		return f
	}
	for _, mx := range s.MX.Got {
		if p.Mode == "enforce" && !slices.ContainsFunc(p.MX, func(pattern string) bool { return covers(pattern, mx) }) {
			f.Level, f.What = Warning, "mode enforce, and the policy does not name the MX "+strings.TrimSuffix(mx, ".")+": bounces are kept from it"
			f.Want = "an `mx: " + strings.TrimSuffix(mx, ".") + "` in the policy"
			return f
		}
	}
	f.Level, f.What = OK, "mode "+p.Mode
	return f
}

// judgeTLSRPT tells whether others report trouble with TLS (RFC 8460).
func judgeTLSRPT(s Sender) Finding {
	f := Finding{Check: "tls-rpt", Of: s.Envelope}
	records := beginning(s.TLSRPT.Got, "v=TLSRPTv1")
	switch {
	case s.TLSRPT.Why != "":
		f.Level, f.What = NotKnown, s.TLSRPT.Why
	case len(records) == 0:
		f.Level, f.What = Note, "none published; nobody refuses mail for that"
	case len(records) > 1 || !strings.Contains(strings.ReplaceAll(records[0], " ", ""), ";rua="):
		f.Level, f.What, f.Want = Warning, "the record is none that reports can be sent by", "one, such as v=TLSRPTv1; rua=mailto:ADDRESS"
	default:
		f.Level, f.What = OK, "reports of trouble with TLS are asked for"
	}
	return f
}

// beginning are the records of one kind.
func beginning(records []string, version string) []string {
	var of []string
	for _, r := range records {
		if first, _, _ := strings.Cut(r, ";"); strings.TrimSpace(first) == version {
			of = append(of, r)
		}
	}
	return of
}
