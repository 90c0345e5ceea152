package press

import "time"

// Contents are what a backup has of a store.
type Contents struct {
	Kind    string           `json:"kind"`    // sqlite or postgres
	Schema  int64            `json:"schema"`  // version
	Rows    map[string]int64 `json:"rows"`    // by table
	Keyring string           `json:"keyring"` // fingerprint of the keys that the store is held to; "" where it has met none
}

// Restored is what a person must know of a store that was put back. What was
// sent since the backup, or may have been, is unknown in it.
type Restored struct {
	Unknown map[string]int `json:"unknown"` // copies by release
	Held    []string       `json:"held"`    // releases of which something is unknown or unsent
	Taken   time.Time      `json:"taken"`   // when the backup was made
}
