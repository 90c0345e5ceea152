package config

import (
	"time"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

const mainFile = "dateline.yaml"

// mainDraft is dateline.yaml while it is read.
type mainDraft struct {
	*Config
	told    map[string][]wording // the texts of each sender, to hold against the editions
	senders []senderDraft
	routes  []routeDraft
	console map[string]yamlfile.Node
}

// wording is a text that may differ by language, and where it stands.
type wording struct {
	at   yamlfile.Node
	name string
	text press.Text
}

func mainKeys() []key[mainDraft] {
	return []key[mainDraft]{
		{"store", "a store's URL", required, "Where everything is kept that is not in this folder: `sqlite:PATH` or `postgres://USER:${VARIABLE}@HOST/DATABASE`. Variables of the environment may stand here.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.Store = r.store(n)
		}},
		{"state", "a folder", required, "The folder for what belongs to one machine: keys and the daemon's id.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.State = r.pathOf(n)
		}},
		{"keys_file", "a file", "`keys` in the state folder", "The keyring. It need not exist yet.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.Keys = r.pathOf(n)
		}},
		{"relays", "a list of relays", required, "The SMTP servers that mail is handed to.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.Relays = r.relays(n)
		}},
		{"routes", "a list of routes", "", "By which relays whose copies go. The first route that fits is taken; who fits none goes by the relays that no route names, or by any where the routes name them all.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.routes = r.routes(n)
		}},
		{"mailboxes", "a list of mailboxes", "", "Where bounces, complaints and replies come in.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.Mailboxes = r.mailboxes(n)
		}},
		{"webhooks", "a map", "", "Where the calls of mail providers are listened for; it goes with a mailbox of their kinds.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			var d webhooksDraft
			decode(r, n, "`webhooks`", webhooksKeys(), &d)
			c.Webhooks = d.listen
		}},
		{"optout", "a map", "", "Where journalists opt out, and see and change what is held on them, by the links in their mail. Without it mail has no such links.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			decode(r, n, "`optout`", optOutKeys(), &c.OptOut)
		}},
		{"console", "a map", "as in its table", "The operators' console, and how people sign in.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.console = decode(r, n, "`console`", consoleKeys(), &c.Console)
		}},
		{"senders", "a map from a sender's id to the sender", required, "The identities that releases are sent under.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			r.senders(n, c)
		}},
		{"fallbacks", "a map from a language to a list of languages", "", "The languages to try, in their order, after a contact's own.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.Fallbacks = r.fallbacks(n)
		}},
		{"contacts", "a map", "", "What the team wants of every contact.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			decode(r, n, "`contacts`", contactsKeys(), &c.Contacts)
		}},
		{"country_zones", "a map from a country to a time zone", "", "The zone of a contact who has none, nor an outlet with one.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.CountryZones = r.countryZones(n)
		}},
		{"watch", "a map", "as in its table", "Metrics, health and alarms.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			decode(r, n, "`watch`", watchKeys(), &c.Watch)
		}},
		{"time_server", "`HOST` or `HOST:PORT`", "", "A time server (SNTP) that `dateline doctor` holds this machine's clock against. Without it none is asked.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			set(&c.TimeServer, n, r.timeServer)
		}},
		{"test_addresses", "a list of addresses", "", "The only addresses that `test --to` sends to.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			c.TestAddresses = list(r, n, "addresses", (*reader).address)
		}},
		{"policies", "a map of policies", "as in their table", "Choices made once.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			decode(r, n, "`policies`", policyKeys(), &c.Policies)
		}},
		{"lint", "a map from a rule to a level", "as in its table", "How much it weighs what `check` finds in which an edition differs from the others. [lint.md](lint.md) tells what each rule finds.", func(r *reader, n yamlfile.Node, c *mainDraft) {
			decode(r, n, "`lint`", lintKeys(), &c.Lint)
		}},
	}
}

// defaultPolicies are what holds where dateline.yaml says nothing.
func defaultPolicies() Policies {
	return Policies{
		Approvals: 1,
		OnDrift:   "hold", OnUnknown: "hold",
		Prepare: 2 * time.Minute, LateAfter: 2 * time.Hour,
		Retry:         []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute},
		PrepareMemory: 256 << 20,
		Bounces:       Bounces{BouncePolicy: press.DefaultBouncePolicy()},
	}
}

func policyKeys() []key[Policies] {
	return []key[Policies]{
		{"approvals", "a whole number from 1 to 5", "`1`", "How many different people must say yes to a plan before it is approved.", func(_ *reader, n yamlfile.Node, p *Policies) {
			set(&p.Approvals, n, whole(5))
		}},
		{"approve_own", "`true` or `false`", "`false`", "Whether somebody may approve a release that they last changed, where the config folder is kept with git.", func(_ *reader, n yamlfile.Node, p *Policies) {
			set(&p.ApproveOwn, n, yesOrNo)
		}},
		{"on_drift", "`hold` or `ignore`", "`hold`", "What becomes of an approved release's unsent copies when the folder differs from what was approved.", func(r *reader, n yamlfile.Node, p *Policies) {
			set(&p.OnDrift, n, oneOf(r, "hold", "ignore"))
		}},
		{"on_unknown", "`hold` or `resend`", "`hold`", "What becomes of a copy that may or may not have left. A copy that is sent again keeps its Message-ID.", func(r *reader, n yamlfile.Node, p *Policies) {
			set(&p.OnUnknown, n, oneOf(r, "hold", "resend"))
		}},
		{"prepare", "a duration", "`2m`", "How long before its instant a send is claimed and composed.", func(r *reader, n yamlfile.Node, p *Policies) {
			set(&p.Prepare, n, r.duration)
		}},
		{"late_after", "a duration", "`2h`", "So long after its instant a copy expires unsent, for sends that do not say.", func(r *reader, n yamlfile.Node, p *Policies) {
			set(&p.LateAfter, n, r.duration)
		}},
		{"retry", "a list of durations", "`[30s, 2m, 10m]`", "The waits after a temporary refusal; the last one is repeated.", func(r *reader, n yamlfile.Node, p *Policies) {
			p.Retry = nil
			for _, w := range items(n, "durations") {
				if d, ok := r.duration(w); ok {
					p.Retry = append(p.Retry, d)
				}
			}
		}},
		{"prepare_memory", "a size", "`256MiB`", "How much of what is composed ahead of its instant is kept in memory; at least `8MiB`.", func(r *reader, n yamlfile.Node, p *Policies) {
			set(&p.PrepareMemory, n, r.memory)
		}},
		{"domain_limits", "a map from a mail domain to a rate", "", "How many copies a mail domain is sent at most, by all relays and daemons together: `{mail.ru: 20/min}`. A domain below it is another.", func(r *reader, n yamlfile.Node, p *Policies) {
			p.DomainLimits = r.domainLimits(n)
		}},
		{"quiet_hours", "a map from a country to hours", "", "When nobody in a country is to be disturbed, on each contact's own clock: `{UZ: 22:00-07:00}`. A general or follow-up copy that is due within them goes out at their end, unless its send says `quiet_hours: ignore`. They are part of what is approved.", func(r *reader, n yamlfile.Node, p *Policies) {
			p.QuietHours = r.quietHours(n)
		}},
		{"bounces", "a map", "as in its table", "What follows from what comes back.", func(r *reader, n yamlfile.Node, p *Policies) {
			decode(r, n, "`bounces`", bouncesKeys(), &p.Bounces)
		}},
		{"retention", "a map", "everything is kept", "How long what is personal is kept, beside the contacts themselves. Nothing goes before a person has agreed, with `dateline retention agree`.", func(r *reader, n yamlfile.Node, p *Policies) {
			decode(r, n, "`retention`", retentionKeys(), &p.Retention)
		}},
	}
}

// mainFile reads dateline.yaml into c. Its senders are known even where they
// are faulty; it answers whether the file could be read at all.
func (r *reader) mainFile(c *Config) (told map[string][]wording, ok bool) {
	c.Policies, c.Lint, c.Console, c.Watch = defaultPolicies(), press.DefaultLint(), defaultConsole(), defaultWatch()
	if !r.exists(mainFile) {
		r.fileFault(mainFile, "there is no such file", "every config folder has a dateline.yaml")
		return nil, false
	}
	n, ok := r.document(mainFile)
	if !ok {
		return nil, false
	}
	draft := mainDraft{Config: c}
	found := decode(r, n, mainFile, mainKeys(), &draft)
	checkWebhooks(c, found)
	checkOptOut(c, found)
	checkConsole(c, found, draft.console)
	checkWatch(c, found)
	checkEnvelopes(c, draft.senders)
	giveOptOut(c)
	c.Routes = checkRoutes(draft.routes, c.Relays)
	if c.Keys == "" && c.State != "" {
		c.Keys = r.absolute(c.State + "/keys")
	}
	return draft.told, n.Kind() == yamlfile.Mapping
}

func (r *reader) fallbacks(n yamlfile.Node) map[press.Lang][]press.Lang {
	chains := map[press.Lang][]press.Lang{}
	for _, e := range n.Pairs() {
		lang, ok := parsed(e.Key, e.Key.Text(), press.ParseLang)
		chain := list(r, e.Value, "languages", (*reader).lang)
		if !ok {
			continue
		}
		if _, twice := chains[lang]; twice {
			e.Key.Fault("`"+shown(e.Key.Text())+"` is "+string(lang)+", which has a chain already", "one chain per language is wanted")
		}
		for _, to := range chain {
			if to == lang {
				e.Value.Fault("the chain of "+string(lang)+" holds "+string(lang)+" itself", "other languages are wanted")
			}
		}
		chains[lang] = chain
	}
	return chains
}

func (r *reader) countryZones(n yamlfile.Node) map[press.Country]string {
	zones := map[press.Country]string{}
	for _, e := range n.Pairs() {
		country, known := parsed(e.Key, e.Key.Text(), press.ParseCountry)
		zone, ok := r.zone(e.Value)
		if !known || !ok {
			continue
		}
		if _, twice := zones[country]; twice {
			e.Key.Fault("`"+shown(e.Key.Text())+"` is "+string(country)+", which has a zone already", "one zone per country is wanted")
		}
		zones[country] = zone
	}
	return zones
}
