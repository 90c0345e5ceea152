package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"dateline/internal/bounce"
	"dateline/internal/config"
	"dateline/internal/desk"
	"dateline/internal/history"
	"dateline/internal/optout"
	"dateline/internal/press"
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
	sign   press.Signing
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
	signs, err := signing(c)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	keys, err := keyringOf(ctx, s, c.Keys)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &office{config: c, store: s, keys: keys, sign: signs}, nil
}

// close closes the store; what went wrong before stays said.
func (o *office) close(err error) error { return errors.Join(err, o.store.Close()) }

// intake takes what comes back, with a logger for what it cannot take.
func (o *office) intake(log *slog.Logger) *bounce.Intake {
	return bounce.NewIntake(o.store, optout.New(o.store, o.keys), o.keys, log)
}

func (o *office) desk() *desk.Desk {
	return &desk.Desk{Store: o.store, Config: o.config, Keys: o.keys, NewID: store.NewID, Sign: o.sign, LastChange: history.LastChange}
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
	if err := s.BindKeyring(ctx, ring); err != nil {
		return press.Keyring{}, err
	}
	completeKeyring(path, text, ring)
	return ring, nil
}

func newKeyring(path string) ([]byte, error) {
	address, token := make([]byte, 32), make([]byte, 32)
	rand.Read(address) // never fails (crypto/rand)
	rand.Read(token)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// Written whole beside it and linked, so that of two first starts one wins
	// and nobody reads half a file.
	beside, err := writeBeside(path, press.FormatKeyring(address, token))
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(beside) }() // the link keeps the content
	if err := os.Link(beside, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
