package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/sign"
)

// signing signs by the keys that a config has today, for the domains that were
// approved: a key may be changed for another in between, a domain may not, nor
// may S/MIME be left out.
func signing(c *config.Config) (press.Signing, error) {
	signers := map[string]*sign.Signer{}
	for sender, keys := range c.DKIM {
		var all []sign.Key
		for _, k := range keys {
			all = append(all, sign.Key{Domain: k.Domain, Selector: k.Selector, Private: k.Key.Reveal()})
		}
		var err error
		if signers[sender], err = sign.New(all); err != nil {
			return nil, fmt.Errorf("sender %s: %w", sender, err)
		}
	}
	certificates := map[string]*sign.Certificate{}
	for sender, s := range c.SMIME {
		var err error
		if certificates[sender], err = sign.NewCertificate(s.Chain, s.Key.Reveal()); err != nil {
			return nil, fmt.Errorf("sender %s: %w", sender, err)
		}
	}
	domains := c.Senders
	return func(dst, message []byte, s press.Sender, at time.Time) ([]byte, error) {
		if s.SMIME {
			certificate, ok := certificates[s.ID]
			if !ok {
				return dst, fmt.Errorf("copies of sender %s were approved as signed by S/MIME, for which dateline.yaml has no certificate now; put it back, or approve anew", s.ID)
			}
			var err error
			if message, err = certificate.Sign(message, at); err != nil {
				return dst, fmt.Errorf("sender %s: %w", s.ID, err)
			}
		}
		if len(s.SignedBy) == 0 {
			return append(dst, message...), nil
		}
		now := domains[s.ID].SignedBy
		for _, d := range s.SignedBy {
			if !slices.Contains(now, d) {
				return dst, fmt.Errorf("copies of sender %s were approved as signed by %s, for which dateline.yaml has no key now; put it back, or approve anew", s.ID, strings.Join(s.SignedBy, " and "))
			}
		}
		return signers[s.ID].Append(dst, message, at)
	}, nil
}
