package press

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
)

// Digest is 32 bytes of SHA-256, or of an HMAC over it.
type Digest [32]byte

// IsZero tells whether there is none.
func (d Digest) IsZero() bool { return d == Digest{} }

// String gives 64 digits of base 16.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText gives 64 digits of base 16.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 64 digits of base 16.
func (d *Digest) UnmarshalText(text []byte) error {
	if n, err := hex.Decode(d[:], text[:min(len(text), 2*len(d))]); err != nil || n != len(d) || len(text) != 2*len(d) {
		return fmt.Errorf("%q is no digest; 64 digits of base 16 are wanted", text)
	}
	return nil
}

// Value stores the bytes.
func (d Digest) Value() (driver.Value, error) { return d[:], nil }

// Scan reads the bytes back.
func (d *Digest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("reading a digest: got %T, want 32 bytes", src)
	}
	copy(d[:], b)
	return nil
}
