package cli

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"dateline/internal/config"
	"dateline/internal/doctor"
	"dateline/internal/mailbox"
	"dateline/internal/press"
	"dateline/internal/probe"
	"dateline/internal/relay"
	"dateline/internal/resolve"
	"dateline/internal/unsubscribe"
)

const (
	askAll     = 20 * time.Second
	askSession = 10 * time.Second // a greeting, TLS and a sign-in, each a question of its own
)

// asking brings the doctor's answers, all at once.
type asking struct {
	*office
	dns  resolve.Resolver
	http probe.Prober
	all  sync.WaitGroup
}

// ask asks everything there is to ask, within askAll.
func (o *office) ask(ctx context.Context, x about, resolver string) doctor.Facts {
	ctx, cancel := context.WithTimeout(ctx, askAll)
	defer cancel()
	a := &asking{office: o, dns: resolve.New(resolver)}
	a.http = probe.New(a.dns.DialContext)
	f := doctor.Facts{
		Now: x.now, At: x.until,
		Senders: make([]doctor.Sender, len(x.senders)), Relays: make([]doctor.Relay, len(x.relays)), Mailboxes: make([]doctor.Mailbox, len(o.config.Mailboxes)),
	}
	for i, id := range x.senders {
		a.sender(ctx, o.config.Senders[id], &f.Senders[i])
	}
	for i, r := range x.relays {
		a.all.Go(func() { a.relay(ctx, r, &f.Relays[i]) })
	}
	for i, m := range o.config.Mailboxes {
		a.all.Go(func() { f.Mailboxes[i] = a.mailbox(ctx, m) })
	}
	var pages, server, database []doctor.Clock
	a.all.Go(func() { f.OneClick, pages = a.oneClick(ctx) })
	a.all.Go(func() { server = a.timeServer(ctx) })
	a.all.Go(func() { database = a.database(ctx) })
	a.all.Wait()
	f.Clocks = append(append(database, server...), pages...)
	a.verdicts(ctx, f)
	return f
}

// answer is what came, or why nothing did.
func answer[T any](got T, err error) doctor.Answer[T] {
	if err != nil {
		return doctor.Answer[T]{Why: err.Error()}
	}
	return doctor.Answer[T]{Got: got}
}

// sender asks DNS about a sender's domains.
func (a *asking) sender(ctx context.Context, s press.Sender, into *doctor.Sender) {
	from, envelope := s.From.Domain(), s.EnvelopeFrom().Domain()
	into.ID, into.From, into.Envelope, into.OptOut = s.ID, from, envelope, s.OptOut != ""
	text := func(name string) doctor.Answer[[]string] { return answer(a.dns.TXT(ctx, name)) }
	a.all.Go(func() { into.SPF = doctor.ReadSPF(envelope, text) })
	a.all.Go(func() { into.FromMail = answer(a.dns.Mail(ctx, from)) })
	a.all.Go(func() { into.BounceMail = answer(a.dns.Mail(ctx, envelope)) })
	a.all.Go(func() { into.MX = answer(a.dns.MX(ctx, envelope)) })
	a.all.Go(func() { into.TLSRPT = text("_smtp._tls." + envelope) })
	a.all.Go(func() {
		into.STS = text("_mta-sts." + envelope)
		if len(into.STS.Got) > 0 {
			into.STSPolicy = a.policy(ctx, envelope)
		}
	})
	keys := a.config.DKIM[s.ID]
	into.Keys = make([]doctor.Key, len(keys))
	for i, k := range keys {
		into.Keys[i] = doctor.Key{Domain: k.Domain, Selector: k.Selector, Public: k.Key.Reveal().Public()}
		a.all.Go(func() { into.Keys[i].Records = text(into.Keys[i].Name()) })
	}
	domains := []string{from}
	if org := doctor.Organisation(from); org != from {
		domains = append(domains, org)
	}
	into.DMARC = make([]doctor.Policies, len(domains))
	for i, d := range domains {
		a.all.Go(func() { into.DMARC[i] = doctor.Policies{Domain: d, Records: text("_dmarc." + d)} })
	}
}

// policy fetches a policy of MTA-STS; of one that is answered otherwise than by
// itself nothing is known (RFC 8461, 3.3).
func (a *asking) policy(ctx context.Context, domain string) doctor.Answer[string] {
	r, err := a.http.Get(ctx, "https://mta-sts."+domain+"/.well-known/mta-sts.txt")
	if err == nil && r.Status != 200 {
		return doctor.Answer[string]{Why: "the policy at mta-sts." + domain + " is not given: the server answers " + strconv.Itoa(r.Status)}
	}
	return answer(r.Body, err)
}

// verdicts asks what SPF says of the addresses that mail leaves by.
func (a *asking) verdicts(ctx context.Context, f doctor.Facts) {
	for i := range f.Senders {
		s := &f.Senders[i]
		s.Verdicts = map[string][]doctor.Verdict{}
		from := string(a.config.Senders[s.ID].EnvelopeFrom())
		for _, r := range f.Relays {
			of := make([]doctor.Verdict, len(r.Outgoing.Got))
			s.Verdicts[r.Name] = of
			for j, o := range r.Outgoing.Got {
				a.all.Go(func() {
					result, detail := a.dns.SPF(ctx, o.IP, from)
					of[j] = doctor.Verdict{IP: o.IP, Result: result, Detail: detail}
				})
			}
		}
	}
	a.all.Wait()
}

// relay signs in to a relay, and asks for the names of the addresses that its
// mail leaves by.
func (a *asking) relay(ctx context.Context, r config.Relay, into *doctor.Relay) {
	*into = doctor.Relay{Name: r.Name, TLS: r.TLS, Loopback: onThisMachine(r.Host), Certain: len(r.Outgoing) > 0}
	a.all.Go(func() { into.Session = session(ctx, r) })
	ips := a.outgoingOf(ctx, r)
	into.Outgoing = doctor.Answer[[]doctor.Outgoing]{Why: ips.Why, Got: make([]doctor.Outgoing, len(ips.Got))}
	var names sync.WaitGroup
	for i, ip := range ips.Got {
		names.Go(func() { into.Outgoing.Got[i] = a.outgoing(ctx, ip) })
	}
	names.Wait()
}

// outgoingOf are the addresses that a relay's mail leaves by: those of the
// config, or else its own, if others see them.
func (a *asking) outgoingOf(ctx context.Context, r config.Relay) doctor.Answer[[]netip.Addr] {
	if len(r.Outgoing) > 0 || onThisMachine(r.Host) {
		return answer(r.Outgoing, nil)
	}
	var own []netip.Addr
	if ip, err := netip.ParseAddr(r.Host); err == nil {
		own = append(own, ip.Unmap())
	} else if own, err = a.dns.Addresses(ctx, r.Host); err != nil {
		return answer(own, err)
	}
	return answer(slices.DeleteFunc(own, func(ip netip.Addr) bool { return !ip.IsGlobalUnicast() || ip.IsPrivate() }), nil)
}

// outgoing asks for the names of an address, and whether they lead back.
func (a *asking) outgoing(ctx context.Context, ip netip.Addr) doctor.Outgoing {
	names, err := a.dns.Names(ctx, ip)
	o := doctor.Outgoing{IP: ip, Names: answer([]doctor.Name{}, err)}
	const most = 10 // more names than that nobody follows (RFC 7208, 4.6.4)
	for _, name := range names[:min(len(names), most)] {
		back, err := a.dns.Addresses(ctx, name)
		o.Names.Got = append(o.Names.Got, doctor.Name{Name: name, Leads: answer(slices.Contains(back, ip), err)})
	}
	return o
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// session signs in to a relay as the daemon does, and out again.
func session(ctx context.Context, r config.Relay) doctor.Session {
	o, err := relayOptions(r)
	if err != nil {
		return doctor.Session{Refused: err.Error()}
	}
	o.Timeout = min(o.Timeout, askSession)
	ctx, cancel := context.WithTimeout(ctx, askSession)
	defer cancel()
	s, err := relay.Dial(ctx, o)
	if err != nil {
		why, refused := sorted(ctx, err)
		return doctor.Session{Why: why, Refused: refused}
	}
	defer func() { _ = s.Close() }() // what was to be known is known
	state, secure := s.TLS()
	if !secure {
		return doctor.Session{}
	}
	return doctor.Session{Version: tls.VersionName(state.Version), Until: lasts(state.VerifiedChains)}
}

// lasts is until when one of the chains holds.
func lasts(chains [][]*x509.Certificate) time.Time {
	var longest time.Time
	for _, chain := range chains {
		until := chain[0].NotAfter
		for _, c := range chain {
			if c.NotAfter.Before(until) {
				until = c.NotAfter
			}
		}
		if until.After(longest) {
			longest = until
		}
	}
	return longest
}

// mailbox looks whether a mailbox can be read.
func (a *asking) mailbox(ctx context.Context, m config.Mailbox) doctor.Mailbox {
	found := doctor.Mailbox{Name: m.Name}
	settings := mailbox.Settings{Name: m.Name}
	var check func(context.Context) error
	switch m.Kind {
	case "imap", "pop3":
		secure, err := accountTLS(m)
		if err != nil {
			found.Refused = err.Error()
			return found
		}
		if check = imap(m, settings, secure).Check; m.Kind == "pop3" {
			check = pop3(m, settings, secure).Check
		}
	case "maildir":
		check = mailbox.Maildir{Settings: settings, Dir: m.Path, MoveTo: m.MoveTo}.Check
	default:
		found.Here = true
		return found
	}
	ctx, cancel := context.WithTimeout(ctx, askSession)
	defer cancel()
	if err := check(ctx); err != nil {
		found.Why, found.Refused = sorted(ctx, err)
	}
	return found
}

// oneClick asks what is behind the links in mail, with a token that is none.
func (a *asking) oneClick(ctx context.Context) (doctor.OneClick, []doctor.Clock) {
	o := doctor.OneClick{URL: a.config.OptOut.URL}
	if o.URL == "" {
		return o, nil
	}
	link := o.URL + "/u/doctor" + strings.ToLower(rand.Text())
	page, err := a.http.Get(ctx, link)
	o.Get = replied(ctx, page, err)
	click, clickErr := a.http.Post(ctx, link, url.Values{"List-Unsubscribe": {"One-Click"}})
	o.Post = replied(ctx, click, clickErr)
	ahead, within, ok := page.Ahead()
	if err != nil || !ok {
		return o, nil // told of the page
	}
	return o, []doctor.Clock{{Whose: "the server of the opt-out pages", Ahead: ahead, Within: within}}
}

func replied(ctx context.Context, r probe.Reply, err error) doctor.Reply {
	if err != nil {
		why, refused := sorted(ctx, err)
		return doctor.Reply{Why: why, Refused: refused}
	}
	return doctor.Reply{Status: r.Status, To: r.To, Ours: strings.Contains(r.Body, unsubscribe.Mark)}
}

// timeServer asks the one that the config names, and no other.
func (a *asking) timeServer(ctx context.Context) []doctor.Clock {
	server := a.config.TimeServer
	if server == "" {
		return nil
	}
	ahead, within, err := probe.Clock(ctx, server)
	if err != nil {
		return []doctor.Clock{{Whose: server, Why: err.Error()}}
	}
	return []doctor.Clock{{Whose: server, Ahead: ahead, Within: within}}
}

// database asks the store's clock, where it has one.
func (a *asking) database(ctx context.Context) []doctor.Clock {
	asked := time.Now()
	at, err := a.store.Clock(ctx)
	took := time.Since(asked)
	switch {
	case err != nil:
		return []doctor.Clock{{Whose: "the store", Why: err.Error()}}
	case at.IsZero():
		return nil
	}
	return []doctor.Clock{{Whose: "the store", Ahead: asked.Add(took / 2).Sub(at), Within: took / 2}}
}

// sorted tells an error that says nothing of who was asked, such as that no
// answer came in time or that there is no network, from a refusal. Once the
// context is over, what broke off says only that.
func sorted(ctx context.Context, err error) (why, refused string) {
	var timeout interface{ Timeout() bool }
	var temporary interface{ Temporary() bool }
	switch {
	case ctx.Err() != nil:
		return "no answer in time: " + err.Error(), ""
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH),
		errors.As(err, &timeout) && timeout.Timeout(), errors.As(err, &temporary) && temporary.Temporary():
		return err.Error(), ""
	}
	return "", err.Error()
}
