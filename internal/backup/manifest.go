package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dateline/internal/press"
)

// format is raised when an older program could not read the file any more.
const format = 1

// Names within the archive, in their order.
const (
	manifestName = "manifest.json"
	storeName    = "store"
	keysName     = "keys"
)

// mostManifest bounds a manifest, far above what any has.
const mostManifest = 1 << 20

// mostKeys bounds a keys file.
const mostKeys = 1 << 20

// Manifest says what is in a backup.
type Manifest struct {
	Format   int            `json:"format"`
	Version  string         `json:"version"` // of the program
	Taken    time.Time      `json:"taken"`
	Contents press.Contents `json:"contents"`
	Store    Sum            `json:"store"`
	Keys     *Sum           `json:"keys,omitempty"`
}

// Sum is a file's size and its SHA-256, in hex.
type Sum struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func parseManifest(text []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("its manifest is damaged: %w", err)
	}
	switch {
	case m.Format > format:
		return m, fmt.Errorf("dateline %s wrote it in format %d, and this program reads up to %d; use the newer program", m.Version, m.Format, format)
	case m.Format < 1 || m.Taken.IsZero() || m.Contents.Kind == "" || m.Store.SHA256 == "" || m.Store.Size < 0 || (m.Keys != nil && (m.Keys.Size < 0 || m.Keys.Size > mostKeys)):
		return m, errors.New("its manifest lacks what every manifest has")
	}
	return m, nil
}
