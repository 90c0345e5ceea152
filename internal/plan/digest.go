package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strconv"
	"time"

	"dateline/internal/press"
)

// digestVersion changes whenever the encoding below does, so that an old
// digest is never taken for a new one.
const digestVersion = "dateline plan 2"

// digest is SHA-256 over a canonical encoding: every field is written with its
// length before it, recipients in the byte order of their address keys. Skips,
// warnings and row ids stay out, so that both stores give the same digest and
// a suppression is the only thing that can take a row away unseen.
func digest(in Input, p Plan) string {
	w := writer{sha256.New()}
	w.fields(digestVersion, p.Release, in.Inputs, in.Renderer, in.Zones, strconv.FormatBool(p.ReleaseNow), p.Lift.Zone, micros(p.Lift.At))
	for _, s := range p.Sends {
		w.fields("send", s.Name, string(s.Kind), s.After, micros(s.Due), s.LateAfter.String(), strconv.Itoa(len(s.Recipients)))
		for _, r := range s.Recipients {
			w.recipient(r, s.quiet[r.Country])
		}
	}
	return hex.EncodeToString(w.h.Sum(nil))
}

type writer struct{ h hash.Hash }

func (w writer) fields(fields ...string) {
	var n [4]byte
	for _, f := range fields {
		binary.BigEndian.PutUint32(n[:], uint32(len(f)))
		w.h.Write(n[:])
		w.h.Write([]byte(f))
	}
}

// recipient writes everything that shapes this copy's bytes and its instant.
// Quiet hours are in the instant already, but where that is the approval's.
func (w writer) recipient(r press.Recipient, quiet press.QuietHours) {
	due := micros(r.Due)
	if r.Due.IsZero() && r.Zone != "" && quiet != (press.QuietHours{}) {
		due += ", but for " + quiet.String()
	}
	if r.Ninjs {
		w.fields("ninjs")
	}
	w.fields(r.Address.Key(), string(r.Address), string(r.Edition), due, micros(r.Deadline), r.Name, r.Outlet, r.Zone)
}

func micros(t time.Time) string {
	if t.IsZero() {
		return "on approval"
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}
