package config

import (
	"time"

	"dateline/internal/press"
)

// Config is a whole config folder, checked.
type Config struct {
	Dir           string                      // as it was given
	Store         string                      // sqlite:///abs/path (not escaped) or postgres://…, with its secrets: not to be shown
	State         string                      // folder for what belongs to one machine: keys, daemon id; absolute
	Keys          string                      // path of the keyring file, which need not exist; absolute; default keys in State
	Relays        []Relay                     // in the file's order
	Senders       map[string]press.Sender     // by id
	Lists         map[string]press.List       // by name
	Releases      []Folder                    // in the order of their slugs
	Fallbacks     map[press.Lang][]press.Lang // the chain after a contact's own languages
	CountryZones  map[press.Country]string    // where neither contact nor outlet has a zone
	TestAddresses []press.Address             // the only ones that `test --to` may send to
	Policies      Policies
	Templates     map[string]string // path within templates/ -> text: what ships, with the folder's own over it
}

// Policies are the choices that a team makes once.
type Policies struct {
	OnDrift   string          // hold (default) or ignore
	OnUnknown string          // hold (default) or resend
	Prepare   time.Duration   // how long before its instant a send is claimed and composed; default 2m
	LateAfter time.Duration   // for sends that do not say; default 2h
	Retry     []time.Duration // waits after a temporary refusal, the last one repeated; default 30s, 2m, 10m
}

// Relay is an SMTP server of the team's own that mail is handed to.
type Relay struct {
	Name        string
	Host        string
	Port        int    // default 587, with implicit TLS 465
	TLS         string // required (default), implicit, none
	CAFile      string // absolute; empty for the system's certificates
	Username    string
	Password    Secret
	Connections int           // default 4
	Timeout     time.Duration // per command; default 30s
	Hello       string        // the name in EHLO; default the host's own
}

// Folder is one release with the bytes that it was read from.
type Folder struct {
	press.Release
	Sources map[string][]byte // release.yaml and each edition: file within the release's folder -> its bytes
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
