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

// signers are the keys and certificates that a config has today, by sender.
type signers struct {
	senders      map[string]press.Sender
	keys         map[string]*sign.Signer
	certificates map[string]*sign.Certificate
}

// signing signs by the keys that a config has today, for the domains that were
// approved: a key may be changed for another in between, a domain may not, nor
// may S/MIME be left out.
func signing(c *config.Config) (press.Signing, error) {
	s := signers{c.Senders, map[string]*sign.Signer{}, map[string]*sign.Certificate{}}
	for sender, keys := range c.DKIM {
		var all []sign.Key
		for _, k := range keys {
			all = append(all, sign.Key{Domain: k.Domain, Selector: k.Selector, Private: k.Key.Reveal()})
		}
		var err error
		if s.keys[sender], err = sign.New(all); err != nil {
			return nil, fmt.Errorf("sender %s: %w", sender, err)
		}
	}
	for sender, m := range c.SMIME {
		var err error
		if s.certificates[sender], err = sign.NewCertificate(m.Chain, m.Key.Reveal()); err != nil {
			return nil, fmt.Errorf("sender %s: %w", sender, err)
		}
	}
	return s.sign, nil
}

func (s signers) sign(dst, message []byte, sender press.Sender, at time.Time) ([]byte, error) {
	if sender.SMIME {
		certificate, ok := s.certificates[sender.ID]
		if !ok {
			return dst, fmt.Errorf("copies of sender %s were approved as signed by S/MIME, for which dateline.yaml has no certificate now; put it back, or approve anew", sender.ID)
		}
		var err error
		if message, err = certificate.Sign(message, at); err != nil {
			return dst, fmt.Errorf("sender %s: %w", sender.ID, err)
		}
	}
	if len(sender.SignedBy) == 0 {
		return append(dst, message...), nil
	}
	now := s.senders[sender.ID].SignedBy
	for _, d := range sender.SignedBy {
		if !slices.Contains(now, d) {
			return dst, fmt.Errorf("copies of sender %s were approved as signed by %s, for which dateline.yaml has no key now; put it back, or approve anew", sender.ID, strings.Join(sender.SignedBy, " and "))
		}
	}
	return s.keys[sender.ID].Append(dst, message, at)
}
