package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dateline/internal/access"
	"dateline/internal/press"
)

// All pages of people over one house. What changes something comes last.
func TestThePagesOfPeople(t *testing.T) {
	c := newCrowd(t, newHouse(t))
	all := c.roles()
	t.Run("what strangers wrote is text", func(t *testing.T) { c.hostileText(t, all[access.Operator]) })
	t.Run("filters", func(t *testing.T) { c.filtered(t, all[access.Viewer]) })
	t.Run("paging", func(t *testing.T) { c.paged(t, all[access.Viewer]) })
	t.Run("lists", func(t *testing.T) { c.listed(t, all[access.Viewer]) })
	t.Run("what came back", func(t *testing.T) { c.counted(t, all[access.Viewer]) })
	t.Run("nothing there", func(t *testing.T) { c.absent(t, all[access.Operator]) })
	t.Run("rights", func(t *testing.T) { c.allowed(t, all) })
	t.Run("opt-out and lift", func(t *testing.T) { c.suppressedAndLifted(t, all[access.Editor]) })
	t.Run("a journalist's own word", func(t *testing.T) { c.ownWord(t, all[access.Editor]) })
	t.Run("proposals", func(t *testing.T) { c.decided(t, all[access.Editor]) })
	t.Run("quarantine", func(t *testing.T) { c.settled(t, all[access.Editor]) })
}

// hostileText opens every page: whatever strangers wrote is there as text, and
// turns nothing around.
func (c *crowd) hostileText(t *testing.T, v *visitor) {
	paths := append(c.peoplePaths(), "/contacts?q="+url.QueryEscape(hostileName), "/outlets?q="+url.QueryEscape(hostileOutlet), "/lists/wires?why="+url.QueryEscape(`"><script>`), "/suppressions?reason="+url.QueryEscape(`"><script>`))
	for _, path := range paths {
		_, page := v.get(path)
		_, body, _ := strings.Cut(page, "<main")
		for _, bad := range []string{"<script", "<img", "<b>", "<i>", " style=", "javascript:"} {
			if strings.Contains(strings.ToLower(body), bad) {
				t.Errorf("%s has %s: %s", path, bad, between(body, bad, "</"))
			}
		}
		typed := regexp.MustCompile(`value="[^"]*"`) // a field has what was typed
		if at := strings.IndexFunc(typed.ReplaceAllString(body, ""), func(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }); at >= 0 {
			t.Errorf("%s turns the direction of what stands behind %d", path, at)
		}
		if len(page) > 100<<10 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
	}
	v.wants("/contacts/"+c.hostile.ID.String(), http.StatusOK, "&lt;script&gt;alert(&#39;name&#39;)", "⟨U+202E⟩gpj.exe", "⟨U+2066⟩Daily⟨U+2069⟩", "&lt;i&gt;masthead", "dateline contacts merge", "second@paper.example", "wires")
	v.wants(c.reportPath(), http.StatusOK, "&lt;script&gt;alert(2)", "⟨U+202E⟩no such user", "by the token", "the mailbox is written to no more", "/deliveries/")
	v.wants(c.mailPath(), http.StatusOK, "&lt;script&gt;alert(&#39;raw&#39;)", "⟨U+202E⟩turned ⟨U+0000⟩", "no header &lt;script&gt; ⟨U+202E⟩")
}

// filtered asks for something in each way, and wrongly in several at once.
func (c *crowd) filtered(t *testing.T, v *visitor) {
	outlet := c.hostile.Outlets[0]
	address, named := url.QueryEscape(string(c.copies[0].Address)), url.QueryEscape(outlet.Name)
	for path, words := range map[string][]string{
		"/contacts?q=SCRIPT":                          {"⟨U+202E⟩gpj.exe"},
		"/contacts?q=second%40paper.example":          {"⟨U+202E⟩gpj.exe"},
		"/contacts?mark=WATER":                        {"⟨U+202E⟩gpj.exe"},
		"/contacts?q=nobody+at+all":                   {"No contact is so."},
		"/outlets?q=daily%E2%81%A9":                   {"⟨U+2066⟩Daily", "in force", "2027-01-05"},
		"/outlets?agreement=none+in+force&kind=radio": {"none</span>"},
		"/outlets?release=" + slug:                    {"none arrived and none is on its way", "/deliveries?release=" + slug},
		"/suppressions?author=contact":                {"No suppression is so."},
		"/suppressions?release=" + slug:               {"bounce: userunknown", "what came back"},
		"/suppressions?address=" + address:            {"bounce: userunknown"},
		"/bounces?reason=vacation":                    {"auto-reply"},
		"/bounces?domain=nowhere.example":             {"No report is so.", "Nothing came back in these thirty days that is so"},
		"/contacts?outlet=" + outlet.ID.String():      {"⟨U+202E⟩gpj.exe"},
		"/contacts?outlet=" + named:                   {"⟨U+202E⟩gpj.exe"},
	} {
		v.wants(path, http.StatusOK, words...)
	}
	for path, words := range map[string][]string{
		"/contacts?country=x&lang=%21&outlet=nowhere":                      {"no country", "no language", "no outlet’s name"},
		"/contacts?outlet=e":                                               {"several are called so"},
		"/outlets?country=UK&kind=blog&agreement=perhaps&release=x":        {"is GB", "&#34;blog&#34; is none of: wire", "in force, none in force", "&#34;x&#34; is none of: " + slug},
		"/suppressions?address=x&author=me&scope=some&release=%3Cb%3E":     {"address", "&#34;me&#34; is none of", "is no scope", "&lt;b&gt;"},
		"/bounces?domain=a%40b&kind=x&class=y&reason=z&release=q&country=": {"behind the @", "&#34;x&#34; is none of", "hard, soft", "userunknown"},
		"/lists/wires?why=nobody%40x.example":                              {"no contact has the address"},
		"/contacts?after=x":                                                {"no place in the list"}, "/suppressions?after=x": {"no place in the list"}, "/bounces?after=x": {"no place in the list"}, "/outlets?after=x": {"no place in the list"},
	} {
		v.wants(path, http.StatusUnprocessableEntity, words...)
	}
}

// nextPage is where a page leads on to, "" at the end.
func nextPage(page string) string {
	return strings.ReplaceAll(between(page, `rel="next" href="`, `"`), "&amp;", "&")
}

// paged walks through lists: everything comes, and comes once.
func (c *crowd) paged(t *testing.T, v *visitor) {
	outlets, err := c.store.Outlets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	words, err := c.store.AllSuppressions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/contacts": 201, "/outlets": len(outlets), "/suppressions": len(words), "/bounces": len(c.reports)} {
		seen := map[string]bool{}
		rows := regexp.MustCompile(`<tr><th scope="row"><a data-row href="([^"]*)"`)
		n := 0
		for at, pages := path, 0; at != "" && pages < 20; pages++ {
			page := v.wants(at, http.StatusOK)
			for _, m := range rows.FindAllStringSubmatch(page, -1) {
				seen[m[1]] = true
				n++
			}
			at = nextPage(page)
		}
		if n != want || len(seen) != want {
			t.Errorf("%s: %d rows, %d of them different, want %d", path, n, len(seen), want)
		}
	}
	if page := v.wants("/contacts?country=UZ", http.StatusOK); !strings.Contains(nextPage(page), "country=UZ") && nextPage(page) != "" {
		t.Errorf("the next page of a country is %s", nextPage(page))
	}
}

// listed opens lists, with how many they hold, and why somebody is in one.
func (c *crowd) listed(t *testing.T, v *visitor) {
	v.wants("/lists", http.StatusOK, "wires", "Of 201 contacts", "outlet kind wire")
	v.wants("/lists/wires", http.StatusOK, "⟨U+202E⟩gpj.exe", "Who is in it today", "Kind of outlet")
	v.wants("/lists/wires?why=Hostile%40paper.example", http.StatusOK, "in it</span>", "the filter picks")
	v.wants("/lists/wires?why="+url.QueryEscape(string(c.outsider())), http.StatusOK, "not in it</span>")
}

// outsider is the address of somebody who is not in the list of wires.
func (c *crowd) outsider() press.Address {
	for who, err := range c.store.Contacts(c.t.Context()) {
		if err == nil && !c.desk.Config.Lists["wires"].Holds(who, press.DateOf(lift)) {
			return who.Preferred()
		}
	}
	c.t.Fatal("everybody is in it")
	return ""
}

// counted holds the picture of what came back, and the tables beside it, against
// the reports themselves.
func (c *crowd) counted(t *testing.T, v *visitor) {
	hard, reasons := 0, map[press.Reason]int{}
	for _, r := range c.reports {
		if r.Kind == press.ReportBounce && r.Class == press.Hard && press.DateOf(r.At) == press.DateOf(c.clock()) {
			hard++
		}
		if r.Kind == press.ReportBounce {
			reasons[r.Reason]++
		}
	}
	page := v.wants("/bounces?kind=bounce", http.StatusOK, `<svg class="chart"`, fmt.Sprintf("2027-03-04: %d hard, 0 complaints", hard), "Counted at")
	for reason, n := range reasons {
		if row := between(page, ">"+string(reason)+"</a></th>", "</tr>"); !strings.Contains(row, fmt.Sprintf(`<td class="num">%d</td>`, n)) {
			t.Errorf("%s is counted as %s, want %d", reason, row, n)
		}
	}
	if strings.Contains(page, " style=") {
		t.Error("the picture has a style of its own")
	}
}

// absent asks for what is not there.
func (c *crowd) absent(_ *testing.T, v *visitor) {
	none := press.ID{7}.String()
	for _, path := range []string{
		"/contacts/" + none, "/contacts/x", "/outlets/" + none, "/outlets/x", "/lists/nowhere", "/lists/%3Cscript%3E", "/suppressions/" + none + "/lift?scope=all", "/suppressions/x/lift",
		"/suppressions/" + c.key(c.copies[0].Address).String() + "/lift?scope=topic:none", "/bounces/" + none, "/bounces/x", "/bounces/quarantine/" + none, "/bounces/quarantine/x",
	} {
		if page := v.wants(path, http.StatusNotFound, "<h1>There is no"); strings.Contains(page, "<script>") {
			v.h.t.Errorf("%s has a script", path)
		}
	}
	for _, path := range []string{"/bounces/proposals/x/accept", "/bounces/proposals/" + none + "/perhaps", c.mailPath() + "/perhaps"} {
		if status, page := v.post(path, nil); status != http.StatusNotFound {
			v.h.t.Errorf("%s: %d %s", path, status, page)
		}
	}
}

// allowed tries everything as everybody.
func (c *crowd) allowed(t *testing.T, all map[access.Role]*visitor) {
	acts := map[string]access.Right{
		"/contacts/" + c.hostile.ID.String() + "/suppress": access.Edit, "/contacts/" + c.hostile.ID.String() + "/dossier": access.Export,
		"/suppressions/add": access.Edit, "/suppressions/" + c.key("hostile@paper.example").String() + "/lift": access.Edit,
		"/bounces/proposals/" + c.proposed[0].ID.String() + "/accept": access.Edit, "/bounces/proposals/" + c.proposed[0].ID.String() + "/dismiss": access.Edit,
		c.mailPath() + "/drop": access.Edit, c.mailPath() + "/read": access.Edit,
	}
	for role, v := range all {
		may := access.Person{Roles: []access.Role{role}}
		for path, right := range acts {
			if may.May(right) {
				continue
			}
			if status, page := v.post(path, url.Values{"scope": {"all"}, "why": {"x"}, "address": {"hostile@paper.example"}}); status != http.StatusForbidden {
				t.Errorf("a %s at %s: %d %s", role, path, status, page)
			}
		}
		page := v.wants("/contacts?q=SCRIPT", http.StatusOK)
		if strings.Contains(page, "hostile@paper.example") != may.May(access.Export) {
			t.Errorf("a %s sees addresses in bulk: %v", role, !may.May(access.Export))
		}
		if page := v.wants("/bounces/proposals", http.StatusOK, "@paper.example"); strings.Contains(page, string(c.proposed[0].Address)) != may.May(access.Export) {
			t.Errorf("a %s sees what is proposed: %v", role, !may.May(access.Export))
		}
		for path, button := range map[string]string{"/contacts/" + c.hostile.ID.String(): "/suppress\"", "/suppressions": "/lift?", "/bounces/proposals": "/accept\"", c.mailPath(): "/drop\""} {
			if page := v.wants(path, http.StatusOK); strings.Contains(page, button) != may.May(access.Edit) {
				t.Errorf("a %s at %s: %s is there: %v", role, path, button, !may.May(access.Edit))
			}
		}
	}
	if words, err := c.store.Barring(t.Context(), []press.AddressKey{c.key("hostile@paper.example")}); err != nil || len(words) > 0 {
		t.Errorf("something was done: %+v, %v", words, err)
	}
	stranger := c.visitor()
	for _, path := range c.peoplePaths() {
		if _, page := stranger.get(path); !strings.Contains(page, "<h1>Sign in</h1>") || strings.Contains(page, "paper.example") && !strings.Contains(path, "paper.example") {
			t.Errorf("a stranger at %s: %s", path, page)
		}
	}
}

// suppressedAndLifted has the desk say that somebody wants no more, and lift it.
func (c *crowd) suppressedAndLifted(t *testing.T, v *visitor) {
	at, id := press.Address("second@paper.example"), c.hostile.ID.String()
	if status, page := v.post("/contacts/"+id+"/suppress", url.Values{"scope": {"topic:nowhere"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Choose of what") || !strings.Contains(page, "Say why") {
		t.Errorf("wrong in two: %d %s", status, page)
	}
	if status, page := v.post("/contacts/"+id+"/suppress", url.Values{"scope": {"all"}, "why": {"asked on the phone <b>"}}); status != http.StatusOK || !strings.Contains(page, "goes to 2 addresses of theirs") || !strings.Contains(page, "asked on the phone &lt;b&gt;") {
		t.Errorf("suppressing: %d %s", status, page)
	}
	c.wantTrail("Editor Karimova|suppress|" + id + "|all: asked on the phone <b>")
	v.wants("/suppressions?author=desk", http.StatusOK, "⟨U+202E⟩gpj.exe", "asked on the phone &lt;b&gt;", "Editor Karimova")
	v.wants("/contacts?q=SCRIPT", http.StatusOK, "suppressed</span>")
	lift := "/suppressions/" + c.key(at).String() + "/lift"
	v.wants(lift+"?scope=all", http.StatusOK, "asked on the phone", "⟨U+202E⟩gpj.exe")
	if status, page := v.post(lift, url.Values{"scope": {"all"}, "address": {"hostile@paper.example"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "another address") || !strings.Contains(page, "Say why") {
		t.Errorf("another address: %d %s", status, page)
	}
	if status, page := v.post(lift, url.Values{"scope": {"all"}, "address": {"Second@Paper.example"}, "why": {"asked again"}}); status != http.StatusOK || !strings.Contains(page, "is written to again") {
		t.Errorf("lifting: %d %s", status, page)
	}
	c.wantTrail("Editor Karimova|lift|" + c.key(at).String() + "|all: asked again")
	if words, err := c.store.Barring(t.Context(), []press.AddressKey{c.key(at)}); err != nil || len(words) > 0 {
		t.Errorf("it stands: %+v, %v", words, err)
	}
	if status, page := v.post("/suppressions/add", url.Values{"address": {"nobody"}, "scope": {""}}); status != http.StatusUnprocessableEntity || strings.Count(page, `role="alert"`) != 3 {
		t.Errorf("wrong in three: %d %s", status, page)
	}
	if status, page := v.post("/suppressions/add", url.Values{"address": {"stranger@elsewhere.example"}, "scope": {"sender:conference"}, "why": {"a letter"}}); status != http.StatusOK || !strings.Contains(page, "nobody on file") || !strings.Contains(page, "a letter") {
		t.Errorf("adding: %d %s", status, page)
	}
	c.wantTrail("Editor Karimova|suppress|" + c.key("stranger@elsewhere.example").String() + "|sender:conference: a letter")
	for _, entry := range c.trail() {
		if strings.Contains(entry, "@") {
			t.Errorf("the trail has an address: %s", entry)
		}
	}
}

// ownWord tries to lift what a journalist said: that is theirs alone.
func (c *crowd) ownWord(t *testing.T, v *visitor) {
	d := c.copies[100]
	who := press.Copied{Delivery: d.ID, Contact: d.Contact, Address: d.Address, Key: d.AddressKey}
	if _, err := c.store.OptOut(t.Context(), who, press.ScopeAll, c.desk.Keys.AddressKey, c.clock()); err != nil {
		t.Fatal(err)
	}
	lift := "/suppressions/" + c.key(d.Address).String() + "/lift"
	v.wants(lift+"?scope=all", http.StatusConflict, "They opted out by themselves", "only they take it back")
	form := url.Values{"scope": {"all"}, "address": {string(d.Address)}, "why": {"we want to"}}
	if status, page := v.post(lift, form); status != http.StatusConflict {
		t.Errorf("lifting it: %d %s", status, page)
	}
	v.wants("/suppressions?author=contact", http.StatusOK, "theirs to lift")
	// Beside the desk's own word, that one goes and theirs stays.
	if err := c.store.Suppress(t.Context(), c.key(d.Address), "all", "bounced by hand", "Olim", c.clock()); err != nil {
		t.Fatal(err)
	}
	v.wants(lift+"?scope=all", http.StatusOK, "bounced by hand", "That stays")
	if status, page := v.post(lift, form); status != http.StatusOK || !strings.Contains(page, "only they take it back") {
		t.Errorf("lifting the desk's: %d %s", status, page)
	}
	if words, err := c.store.Barring(t.Context(), []press.AddressKey{c.key(d.Address)}); err != nil || len(words) != 1 || words[0].Author != press.AuthorContact {
		t.Errorf("there stand %+v, %v", words, err)
	}
}

// decided takes one proposal and leaves another.
func (c *crowd) decided(t *testing.T, v *visitor) {
	yes, no := c.proposed[0], c.proposed[1]
	path := func(p press.Proposal, what string) string { return "/bounces/proposals/" + p.ID.String() + "/" + what }
	if status, page := v.post(path(yes, "accept"), nil); status != http.StatusOK || !strings.Contains(page, "Accepted: from the next plan on") {
		t.Errorf("accepting: %d %s", status, page)
	}
	if status, page := v.post(path(no, "dismiss"), nil); status != http.StatusOK || !strings.Contains(page, "Dismissed") {
		t.Errorf("dismissing: %d %s", status, page)
	}
	if status, page := v.post(path(no, "accept"), nil); status != http.StatusConflict || !strings.Contains(page, "was dismissed before") {
		t.Errorf("after it was dismissed: %d %s", status, page)
	}
	c.wantTrail("Editor Karimova|accept proposal|" + yes.Contact.String() + "|proposal " + yes.ID.String())
	c.wantTrail("Editor Karimova|dismiss proposal|" + no.Contact.String() + "|proposal " + no.ID.String())
	if who, ok, err := c.store.ContactByID(t.Context(), yes.Contact); err != nil || !ok || who.Preferred() != yes.Address {
		t.Errorf("the contact is %+v, %v, %v", who, ok, err)
	}
}

// settled reads mails in quarantine once more, one of them in vain, and lets go of
// that; and takes a dossier.
func (c *crowd) settled(t *testing.T, v *visitor) {
	good := c.quarantined("From: somebody@paper.example\r\nTo: us@conference.example\r\nSubject: thank you\r\n\r\nA person wrote.\r\n")
	for id, says := range map[press.ID]string{good: "The mail was read", c.mail: "It still cannot be read"} {
		if status, page := v.post("/bounces/quarantine/"+id.String()+"/read", nil); status != http.StatusOK || !strings.Contains(page, says) {
			t.Errorf("reading it again: %d %s", status, page)
		}
		c.wantTrail("Editor Karimova|read mail again|" + id.String() + "|")
	}
	if status, page := v.post(c.mailPath()+"/drop", nil); status != http.StatusOK || !strings.Contains(page, "its content is erased") {
		t.Errorf("dropping it: %d %s", status, page)
	}
	c.wantTrail("Editor Karimova|drop mail|" + c.mail.String() + "|")
	if status, _ := v.post(c.mailPath()+"/drop", nil); status != http.StatusNotFound {
		t.Errorf("dropping it again: %d", status)
	}
	v.wants("/bounces/quarantine", http.StatusOK, "It is empty.")
	status, page := v.post("/contacts/"+c.hostile.ID.String()+"/dossier", nil)
	if status != http.StatusOK || !strings.Contains(page, "Content-Disposition: attachment; filename=\"dossier-"+c.hostile.ID.String()+".html\"") || !strings.Contains(page, "hostile@paper.example") || strings.Contains(page, "<script>alert") {
		t.Errorf("the dossier: %d %s", status, page)
	}
	c.wantTrail("Editor Karimova|dossier|" + c.hostile.ID.String() + "|")
}

// An empty house says what to do first.
func TestEmptyPagesOfPeople(t *testing.T) {
	h := newHouse(t)
	v := h.as(access.Viewer)
	v.wants("/suppressions", http.StatusOK, "Nobody is suppressed")
	v.wants("/bounces", http.StatusOK, "Nothing came back yet", "dateline.yaml")
	v.wants("/bounces/proposals", http.StatusOK, "Nothing is to be decided")
	v.wants("/bounces/quarantine", http.StatusOK, "It is empty")
	var ids []press.ID
	for c, err := range h.store.Contacts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	for _, id := range ids {
		if _, err := h.store.Erase(t.Context(), id, nil, h.desk.Keys.AddressKey, "Olim", h.clock()); err != nil {
			t.Fatal(err)
		}
	}
	h.setClock(lift)
	v.wants("/contacts", http.StatusOK, "No contact is on file yet", "dateline contacts import")
	v.wants("/lists", http.StatusOK, "nobody</span>", "Of 0 contacts")
	v.wants("/lists/wires", http.StatusOK, "It holds nobody")
	v.wants("/suppressions", http.StatusOK, "nobody on file", "an erasure")
}
