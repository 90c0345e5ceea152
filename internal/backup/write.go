package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Free says why a backup cannot be written to a path: nothing is overwritten.
func Free(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("writing the backup: %s exists already; name a file that does not", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing the backup: %w", err)
	}
	return nil
}

// Scratch makes an empty file beside the backup to come, for the store, that
// only its owner may read. Remove it afterwards.
func Scratch(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return "", fmt.Errorf("writing the backup: %w", err)
	}
	return f.Name(), f.Close()
}

// Write makes the backup: the manifest, whose sums it fills in, the store's file,
// and the keys where there are any.
func Write(path string, m Manifest, store string, keys []byte) (Manifest, error) {
	fail := func(err error) (Manifest, error) { return m, fmt.Errorf("writing the backup: %w", err) }
	if err := Free(path); err != nil {
		return m, err
	}
	in, err := os.Open(store)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = in.Close() }() // it was only read
	if m.Store, err = sum(in); err != nil {
		return fail(err)
	}
	if keys != nil {
		s, _ := sum(bytes.NewReader(keys)) // it is in memory
		m.Keys = &s
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	m.Format = format
	out, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return fail(err)
	}
	err = errors.Join(writeTar(out, m, in, keys), out.Sync(), out.Close())
	if err == nil {
		err = os.Link(out.Name(), path) // which overwrites nothing
	}
	if err := errors.Join(err, os.Remove(out.Name())); err != nil {
		return fail(err)
	}
	return m, nil
}

func sum(r io.Reader) (Sum, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return Sum{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

func writeTar(w io.Writer, m Manifest, store io.Reader, keys []byte) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	add := func(name string, size int64, content io.Reader) error {
		if err := t.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: m.Taken, Format: tar.FormatPAX}); err != nil {
			return err
		}
		_, err := io.Copy(t, content)
		return err
	}
	err = errors.Join(add(manifestName, int64(len(text)), bytes.NewReader(text)), add(storeName, m.Store.Size, store))
	if err == nil && keys != nil {
		err = add(keysName, int64(len(keys)), bytes.NewReader(keys))
	}
	return errors.Join(err, t.Close())
}
