package relay

import "time"

// SetTimeout changes the timeouts of a session that stands.
func (s *Session) SetTimeout(d time.Duration) { s.options.Timeout, s.options.DataTimeout = d, d }
