package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"dateline/internal/config"
	"dateline/internal/dispatch"
	"dateline/internal/relay"
)

// relayOptions turns a relay of the config into one of the adapter.
func relayOptions(r config.Relay) (relay.Options, error) {
	o := relay.Options{
		Name: r.Name, Host: r.Host, Port: r.Port, LMTP: r.Protocol == "lmtp", TLS: r.TLS, MinTLS: r.MinTLS,
		Username: r.Username, Password: r.Password.Reveal(), Auth: mechanism(r.Auth),
		Hello: r.Hello, Timeout: r.Timeout, DataTimeout: r.DataTimeout, Now: time.Now,
	}
	if r.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(r.ClientCert, r.ClientKey)
		if err != nil {
			return o, fmt.Errorf("relay %s: reading client_cert and client_key: %w", r.Name, err)
		}
		o.ClientCert = &pair
	}
	if r.CAFile == "" {
		return o, nil
	}
	pem, err := os.ReadFile(r.CAFile)
	if err != nil {
		return o, fmt.Errorf("relay %s: reading ca_file: %w", r.Name, err)
	}
	o.Roots = x509.NewCertPool()
	if !o.Roots.AppendCertsFromPEM(pem) {
		return o, fmt.Errorf("relay %s: %s holds no certificate in PEM form", r.Name, r.CAFile)
	}
	return o, nil
}

// mechanism is the adapter's name for a config's word. SCRAM stands for the
// stronger of its two forms.
func mechanism(auth string) string {
	switch auth {
	case "auto":
		return ""
	case "scram":
		return "scram-sha-256"
	default:
		return auth
	}
}

// relays are the config's relays, ready to dial.
func relays(c *config.Config) ([]dispatch.Relay, error) {
	var all []dispatch.Relay
	for _, r := range c.Relays {
		o, err := relayOptions(r)
		if err != nil {
			return nil, err
		}
		o.Delivered = c.Policies.Bounces.DeliveryReports
		all = append(all, dispatch.Relay{
			Name: r.Name, Connections: r.Connections, Weight: r.Weight, PerSecond: r.PerSecond, PerConnection: r.PerConnection,
			Dial: func(ctx context.Context) (dispatch.Session, error) {
				s, err := relay.Dial(ctx, o)
				if err != nil {
					return nil, err // a nil *Session in the interface would not be nil
				}
				return s, nil
			},
		})
	}
	return all, nil
}

// eachOf is the time between two messages to each domain that has a limit.
func eachOf(limits map[string]config.Rate) map[string]time.Duration {
	each := make(map[string]time.Duration, len(limits))
	for domain, r := range limits {
		each[domain] = r.Per / time.Duration(r.N)
	}
	return each
}
