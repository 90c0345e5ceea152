package config

import (
	"net/netip"
	"time"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// Config is a whole config folder, checked.
type Config struct {
	Dir           string                      // as it was given
	Store         string                      // sqlite:///abs/path (not escaped) or postgres://…, with its secrets: not to be shown
	State         string                      // folder for what belongs to one machine: keys, daemon id; absolute
	Keys          string                      // path of the keyring file, which need not exist; absolute; default keys in State
	Relays        []Relay                     // in the file's order
	Routes        []Route                     // in the file's order, which is that of their precedence
	Mailboxes     []Mailbox                   // in the file's order
	Webhooks      string                      // HOST:PORT to listen at for providers' calls; empty where there are none
	Contacts      Contacts                    // what every contact must have
	Beats         []string                    // the team's; none allows any
	OptOut        OptOut                      // where journalists opt out by themselves
	Console       Console                     // the operators' pages
	Watch         Watch                       // how others look on, and who is told when something is wrong
	TimeServer    string                      // HOST or HOST:PORT whose clock `doctor` asks; empty for none
	Senders       map[string]press.Sender     // by id
	DKIM          map[string][]DKIM           // the keys of each sender, by its id
	SMIME         map[string]SMIME            // the certificates of those senders that have one
	Lists         map[string]press.List       // by name
	ListsAt       map[string]press.Fault      // the places at which the lists stand, by name
	Ninjs         []string                    // names of lists whose contacts get the story as ninjs, too
	Holidays      []Holiday                   // by date
	Releases      []Folder                    // in the order of their slugs
	Fallbacks     map[press.Lang][]press.Lang // the chain after a contact's own languages
	CountryZones  map[press.Country]string    // where neither contact nor outlet has a zone
	TestAddresses []press.Address             // the only ones that `test --to` may send to
	Policies      Policies
	Lint          map[string]press.LintLevel // every rule's level
	Templates     map[string]string          // path within templates/ -> text: what ships, with the folder's own over it
}

// Policies are the choices that a team makes once.
type Policies struct {
	Approvals  int  // how many different people must say yes; default 1
	ApproveOwn bool // whether somebody may approve what they last changed

	OnDrift   string          // hold (default) or ignore
	OnUnknown string          // hold (default) or resend
	Prepare   time.Duration   // how long before its instant a send is claimed and composed; default 2m
	LateAfter time.Duration   // for sends that do not say; default 2h
	Retry     []time.Duration // waits after a temporary refusal, the last one repeated; default 30s, 2m, 10m

	PrepareMemory int64                              // bytes of messages that are composed ahead; default 256 MiB
	DomainLimits  map[string]Rate                    // copies to a mail domain (as press.Address.Domain has it), over all daemons together
	QuietHours    map[press.Country]press.QuietHours // in the zones of the country's contacts

	Bounces   Bounces
	Retention press.Retention
}

// Bounces are the choices about what comes back.
type Bounces struct {
	press.BouncePolicy
	DeliveryReports bool // relays are asked to report success, too
}

// Rate is so many in so long.
type Rate struct {
	N   int
	Per time.Duration
}

// Relay is an SMTP server of the team's own that mail is handed to.
type Relay struct {
	Name        string
	Protocol    string // smtp (default) or lmtp
	Host        string // of an lmtp relay also the absolute path of a socket
	Port        int    // default 587, with implicit TLS 465, with lmtp 24; 0 for a socket
	TLS         string // required (default), implicit, none; always none with lmtp
	MinTLS      uint16 // a version of crypto/tls; default tls.VersionTLS12
	CAFile      string // absolute; empty for the system's certificates
	ClientCert  string // absolute; empty for none
	ClientKey   string // absolute; it belongs to ClientCert
	Auth        string // auto (default), plain, login, scram, xoauth2
	Username    string
	Password    Secret
	Connections int           // default 4
	Timeout     time.Duration // per command; default 30s
	DataTimeout time.Duration // for the reply to a message's end; default 10m
	Hello       string        // the name in EHLO; default the host's own

	Weight        int     // its share beside the others'; default 1, and 0 is only for when no other can
	PerSecond     float64 // messages; 0 for no limit
	PerConnection int     // messages; 0 for no limit

	Outgoing []netip.Addr // by which its mail leaves, where the team says so
}

// Folder is one release with the bytes that it was read from.
type Folder struct {
	press.Release
	about   yamlfile.Node                // where a correction names what it corrects
	Fronts  map[press.Lang]yamlfile.Node // each edition's front matter, for the places of what stands in it
	Sources map[string][]byte            // release.yaml, each edition and what they carry: file within the release's folder -> its bytes
}

// Secret is a value that prints as a row of stars, everywhere but in Reveal.
type Secret struct{ value string }

// NewSecret wraps a secret.
func NewSecret(s string) Secret { return Secret{s} }

// Reveal gives the secret, to the one place that needs it.
func (s Secret) Reveal() string { return s.value }

// String hides the secret.
func (Secret) String() string { return "********" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "********" }

// MarshalText hides the secret from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte("********"), nil }

// Folder finds a release by its slug.
func (c *Config) Folder(slug string) (Folder, bool) {
	for _, f := range c.Releases {
		if f.Slug == slug {
			return f, true
		}
	}
	return Folder{}, false
}
