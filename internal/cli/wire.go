package cli

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"dateline/internal/config"
	"dateline/internal/desk"
	"dateline/internal/dispatch"
	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/store"
	"dateline/templates"
)

// shipped are the templates and phrases within the program: path -> text.
func shipped() (map[string]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(path)
		files[path] = string(text)
		return err
	})
	return files, err
}

// loadConfig reads the config folder; its faults are all there are.
func (a *app) loadConfig() (*config.Config, error) {
	files, err := shipped()
	if err != nil {
		return nil, err
	}
	return config.Load(a.config, files, a.getenv)
}

// office is what most commands work with: config, store and keys, all open.
type office struct {
	config *config.Config
	store  *store.Store
	keys   press.Keyring
}

func (a *app) open(ctx context.Context) (*office, error) {
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	return openOffice(ctx, c)
}

// openStore is open for commands that work with the store alone. A fault in a
// release's text, or in a list, must not keep anybody from a hold, a kill or a
// look at how things stand.
func (a *app) openStore(ctx context.Context) (*office, error) {
	c, err := config.LoadStore(a.config, a.getenv)
	if err != nil {
		return nil, err
	}
	return openOffice(ctx, c)
}

func openOffice(ctx context.Context, c *config.Config) (*office, error) {
	s, err := store.Open(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	keys, err := keyringOf(ctx, s, c.Keys)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &office{config: c, store: s, keys: keys}, nil
}

// close closes the store; what went wrong before stays said.
func (o *office) close(err error) error { return errors.Join(err, o.store.Close()) }

func (o *office) desk() *desk.Desk {
	return &desk.Desk{Store: o.store, Config: o.config, Keys: o.keys, NewID: store.NewID}
}

// keyringOf reads the keys file and holds the store to it. For a store that has
// met none yet, it makes one that only its owner may read.
func keyringOf(ctx context.Context, s *store.Store, path string) (press.Keyring, error) {
	bound, err := s.Keyring(ctx)
	if err != nil {
		return press.Keyring{}, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && bound == "" {
		text, err = newKeyring(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return press.Keyring{}, fmt.Errorf("the keys file %s is gone, and this store was begun with one (%s): put it back from your copy; without it no opt-out can be matched to an address", path, bound)
	}
	if err != nil {
		return press.Keyring{}, fmt.Errorf("reading the keys file: %w", err)
	}
	ring, err := press.ParseKeyring(string(text))
	if err != nil {
		return press.Keyring{}, fmt.Errorf("%s: %w", path, err)
	}
	return ring, s.BindKeyring(ctx, ring)
}

func newKeyring(path string) ([]byte, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails (crypto/rand)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// Written whole beside it and linked, so that of two first starts one wins
	// and nobody reads half a file.
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // the link keeps the content
	_, err = f.WriteString(press.FormatKeyring(key))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// relayOptions turns a relay of the config into one of the adapter.
func relayOptions(r config.Relay) (relay.Options, error) {
	o := relay.Options{
		Name: r.Name, Host: r.Host, Port: r.Port, TLS: r.TLS, Username: r.Username, Password: r.Password.Reveal(),
		Hello: r.Hello, Timeout: r.Timeout, Now: time.Now,
	}
	if r.CAFile == "" {
		return o, nil
	}
	pem, err := os.ReadFile(r.CAFile)
	if err != nil {
		return o, fmt.Errorf("relay %s: reading ca_file: %w", r.Name, err)
	}
	o.Roots = x509.NewCertPool()
	if !o.Roots.AppendCertsFromPEM(pem) {
		return o, fmt.Errorf("relay %s: %s holds no certificate in PEM form", r.Name, r.CAFile)
	}
	return o, nil
}

// relays are the config's relays, ready to dial.
func relays(c *config.Config) ([]dispatch.Relay, error) {
	var all []dispatch.Relay
	for _, r := range c.Relays {
		o, err := relayOptions(r)
		if err != nil {
			return nil, err
		}
		all = append(all, dispatch.Relay{Name: r.Name, Connections: r.Connections, Dial: func(ctx context.Context) (dispatch.Session, error) {
			s, err := relay.Dial(ctx, o)
			if err != nil {
				return nil, err // a nil *Session in the interface would not be nil
			}
			return s, nil
		}})
	}
	return all, nil
}
