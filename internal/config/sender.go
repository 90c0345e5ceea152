package config

import (
	"regexp"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// listIDForm is the dot-separated labels of RFC 2919.
var listIDForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$`)

// senderDraft is a sender while it is read.
type senderDraft struct {
	press.Sender
	told   []wording
	dkim   []DKIM
	dkimAt []yamlfile.Node
	smime  *smimeDraft
	fromAt yamlfile.Node
	backAt yamlfile.Node // of `bounces`
}

func senderKeys() []key[senderDraft] {
	return []key[senderDraft]{
		{"name", "a text", required, "The name beside the address that releases come from.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			d.Name = r.words(n)
			d.told = append(d.told, wording{n, "name", d.Name})
		}},
		{"from", "an address", required, "The address that releases come from.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			d.fromAt = n
			set(&d.From, n, r.address)
		}},
		{"reply_to", "an address", "", "Where replies go, where that is not `from`.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			set(&d.ReplyTo, n, r.address)
		}},
		{"bounces", "an address", "`from`", "The envelope's sender, which bounces come back to. Each copy adds a token to it, so at most 17 bytes stand before its @.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			d.backAt = n
			set(&d.Bounces, n, r.address)
		}},
		{"list_id", "names with dots between them", required, "The List-ID of RFC 2919, without angle brackets.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			set(&d.ListID, n, r.listID)
		}},
		{"organisation", "a text", required, "The letterhead.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			d.Organisation = r.words(n)
			d.told = append(d.told, wording{n, "organisation", d.Organisation})
		}},
		{"address", "a text, of several lines if need be", "", "The postal address in the footer.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			d.Address = r.longWords(n)
			d.told = append(d.told, wording{n, "address", d.Address})
		}},
		{"website", "an https address", "", "The sender's own website.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			set(&d.Website, n, r.https)
		}},
		{"dkim", "a list of keys", "mail is not signed here", "The keys that every mail is signed with (RFC 6376), ahead of its instant. Two at once while one is changed for the other. Without keys the relay may sign; then it must put `List-Unsubscribe` and `List-Unsubscribe-Post` under its signature.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			d.dkim, d.dkimAt = r.dkim(n)
		}},
		{"smime", "a map of `cert_file` and `key_file`", "", "The certificate that every mail is signed with, beside DKIM, so that a reader's program can name its sender (S/MIME, RFC 8551).", func(r *reader, n yamlfile.Node, d *senderDraft) {
			d.smime = r.smime(n)
		}},
		{"precedence", "`bulk`", "", "Adds `Precedence: bulk`, which the rules of Mail.ru ask for. Elsewhere it helps nobody.", func(r *reader, n yamlfile.Node, d *senderDraft) {
			set(&d.Precedence, n, oneOf(r, "bulk"))
		}},
	}
}

// senders reads all senders. A faulty one is kept, so that the releases that
// name it are not faulted for it as well.
func (r *reader) senders(n yamlfile.Node, draft *mainDraft) {
	senders, told := map[string]press.Sender{}, map[string][]wording{}
	var keys map[string][]DKIM
	for _, e := range n.Pairs() {
		checkSlug(e.Key, e.Key.Text())
		d := senderDraft{Sender: press.Sender{ID: e.Key.Text()}}
		decode(r, e.Value, "the sender", senderKeys(), &d)
		d.completeDKIM()
		if d.completeSMIME() {
			if draft.SMIME == nil {
				draft.SMIME = map[string]SMIME{}
			}
			draft.SMIME[e.Key.Text()] = d.smime.SMIME
		}
		senders[e.Key.Text()], told[e.Key.Text()] = d.Sender, d.told
		draft.senders = append(draft.senders, d)
		if len(d.dkim) > 0 {
			if keys == nil {
				keys = map[string][]DKIM{}
			}
			keys[e.Key.Text()] = d.dkim
		}
	}
	draft.Senders, draft.DKIM, draft.told = senders, keys, told
}

// checkEnvelopes refuses an envelope sender that leaves no room for a token:
// what came back would name no copy. Where nothing is read that comes back, and
// there are no mails to opt out by, a long `from` does no harm.
func checkEnvelopes(c *Config, senders []senderDraft) {
	for _, d := range senders {
		switch {
		case d.Bounces != "":
			d.backAt.Refuse(press.CheckBounces(d.Bounces))
		case d.backAt.Present() || d.From == "" || press.CheckBounces(d.From) == nil:
		case len(c.Mailboxes) > 0 || c.OptOut.URL != "":
			what, want := split(press.CheckBounces(d.From))
			d.fromAt.Fault(what, want+"; or an address of its own for what comes back, in `bounces`")
		}
	}
}

func (r *reader) listID(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if ok && (len(s) > 255 || !listIDForm.MatchString(s)) {
		n.Fault("`"+shown(s)+"` is no List-ID", "names with dots between them are wanted, such as releases.example.org")
		return "", false
	}
	return s, ok
}
