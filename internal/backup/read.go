package backup

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
)

// Archive is a backup that is being read.
type Archive struct {
	Manifest
	path string
	file *os.File
	tar  *tar.Reader
}

// Open reads a backup's manifest.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	a := &Archive{path: path, file: f, tar: tar.NewReader(f)}
	if err := a.manifest(); err != nil {
		return nil, errors.Join(a.failed(err), f.Close())
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

func (a *Archive) failed(err error) error {
	return fmt.Errorf("reading the backup %s: %w", a.path, err)
}

// next goes to the next part of the archive, which must be this one.
func (a *Archive) next(name string, most int64) error {
	h, err := a.tar.Next()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it breaks off before its %s", name)
	case err != nil:
		return fmt.Errorf("it is no file that `dateline backup` wrote: %w", err)
	case h.Name != name || h.Typeflag != tar.TypeReg || h.Size > most:
		return fmt.Errorf("it is no file that `dateline backup` wrote: it has %q of %d bytes where its %s should be", h.Name, h.Size, name)
	}
	return nil
}

func (a *Archive) manifest() error {
	if err := a.next(manifestName, mostManifest); err != nil {
		return err
	}
	text, err := io.ReadAll(a.tar)
	if err != nil {
		return err
	}
	a.Manifest, err = parseManifest(text)
	return err
}

// Extract writes the store into a file that is there already, and gives the
// keys, nil where the backup has none. Both are what the manifest tells of.
func (a *Archive) Extract(to string) ([]byte, error) {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, a.failed(err)
	}
	keys, err := a.extract(out)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return nil, a.failed(err)
	}
	return keys, nil
}

func (a *Archive) extract(out io.Writer) ([]byte, error) {
	if err := a.next(storeName, a.Store.Size); err != nil {
		return nil, err
	}
	got, err := sum(io.TeeReader(a.tar, out))
	if err != nil {
		return nil, fmt.Errorf("its store breaks off: %w", err)
	}
	if got != a.Store {
		return nil, errors.New("its store is not the one that its manifest tells of: the file was changed or damaged")
	}
	if a.Keys == nil {
		return nil, nil
	}
	if err := a.next(keysName, a.Keys.Size); err != nil {
		return nil, err
	}
	var keys keysText
	if got, err := sum(io.TeeReader(a.tar, &keys)); err != nil || got != *a.Keys {
		return nil, errors.Join(err, errors.New("its keys are not those that its manifest tells of: the file was changed or damaged"))
	}
	return keys, nil
}

// keysText gathers a keys file.
type keysText []byte

// Write gathers, for io.TeeReader.
func (k *keysText) Write(b []byte) (int, error) {
	*k = append(*k, b...)
	return len(b), nil
}
