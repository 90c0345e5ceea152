package mailbox

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // SignatureVersion 1 is SHA-1
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"dateline/internal/press"
)

// SES posts by a topic of SNS.
type SES struct {
	Settings
	TopicARN string
	// Fetch gets a certificate or confirms a subscription; nil: by HTTPS,
	// without redirects, in 10 seconds, 64 KiB at most.
	Fetch func(ctx context.Context, address string) ([]byte, error)
}

// Handler gives the webhook.
func (s SES) Handler(h Handler) (http.Handler, error) {
	if s.TopicARN == "" {
		return nil, fmt.Errorf("mailbox %s needs the ARN of its SNS topic: any other account could post otherwise", s.Name)
	}
	if s.Fetch == nil {
		s.Fetch = fetch
	}
	certs := &certificates{fetch: s.Fetch, known: map[string]certificate{}}
	return newHook(s.Settings, press.FormatSES, h, func(r *http.Request, body []byte, now time.Time) (post, error) {
		return s.check(r.Context(), certs, body, now)
	}), nil
}

// notification is what SNS posts.
type notification struct {
	Type, MessageId, TopicArn, Subject, Message, Timestamp string //nolint:revive // as SNS spells them
	Token, SubscribeURL                                    string
	SignatureVersion, Signature, SigningCertURL            string
}

func (s SES) check(ctx context.Context, certs *certificates, body []byte, now time.Time) (post, error) {
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return post{}, refuse(http.StatusForbidden, "it is not the JSON that SNS posts: %v", err)
	}
	if n.MessageId == "" {
		return post{}, refuse(http.StatusForbidden, "it has no MessageId")
	}
	// The topic first: who does not know it makes us fetch nothing.
	if n.TopicArn != s.TopicARN {
		return post{}, refuse(http.StatusForbidden, "it is of another topic")
	}
	at, err := time.Parse(time.RFC3339, n.Timestamp)
	if err != nil {
		return post{}, refuse(http.StatusForbidden, "its timestamp is no time")
	}
	if err := fresh(at, now, window); err != nil {
		return post{}, err
	}
	if err := certs.verify(ctx, n, now); err != nil {
		return post{}, err
	}
	switch n.Type {
	case "Notification":
		return post{ref: n.MessageId, raw: []byte(n.Message)}, nil
	case "SubscriptionConfirmation":
		if !ofSNS(n.SubscribeURL) {
			return post{}, refuse(http.StatusForbidden, "its SubscribeURL is not of SNS")
		}
		return post{ref: n.MessageId, then: func(ctx context.Context) error {
			if _, err := s.Fetch(ctx, n.SubscribeURL); err != nil {
				return fmt.Errorf("confirming the SNS subscription: %w", err)
			}
			return nil
		}}, nil
	default: // UnsubscribeConfirmation: the operator's own act
		return post{ref: n.MessageId}, nil
	}
}

// signed is what the signature is over.
func (n notification) signed() string {
	var b strings.Builder
	field := func(name, value string) { b.WriteString(name + "\n" + value + "\n") }
	field("Message", n.Message)
	field("MessageId", n.MessageId)
	if n.Type == "Notification" {
		if n.Subject != "" {
			field("Subject", n.Subject)
		}
		field("Timestamp", n.Timestamp)
	} else {
		field("SubscribeURL", n.SubscribeURL)
		field("Timestamp", n.Timestamp)
		field("Token", n.Token)
	}
	field("TopicArn", n.TopicArn)
	field("Type", n.Type)
	return b.String()
}

// The host is SNS in a region, whose name ends in a number and has none before:
// sns.s3.amazonaws.com and sns.s3-us-west-2.amazonaws.com are somebody's bucket.
var (
	snsHost = regexp.MustCompile(`^sns\.[a-z]{2,8}(-[a-z]{1,16}){1,3}-[0-9]{1,2}\.amazonaws\.com(\.cn)?$`)
	snsCert = regexp.MustCompile(`^/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem$`)
)

// ofSNS tells whether an address is one of SNS itself, and of nobody else.
func ofSNS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.User == nil && snsHost.MatchString(u.Host)
}

func certOfSNS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && ofSNS(address) && snsCert.MatchString(u.Path) && u.RawQuery == "" && u.Fragment == ""
}

// certificates keeps SNS's certificates for a day.
type certificates struct {
	fetch func(ctx context.Context, address string) ([]byte, error)
	mu    sync.Mutex
	known map[string]certificate
}

type certificate struct {
	key   *rsa.PublicKey
	from  time.Time
	until time.Time
	got   time.Time
}

func (c *certificates) verify(ctx context.Context, n notification, now time.Time) error {
	signature, err := base64.StdEncoding.DecodeString(n.Signature)
	if err != nil {
		return refuse(http.StatusForbidden, "its signature is no base64")
	}
	var hash crypto.Hash
	var sum []byte
	switch n.SignatureVersion {
	case "1":
		s := sha1.Sum([]byte(n.signed())) //nolint:gosec // SignatureVersion 1 is SHA-1
		hash, sum = crypto.SHA1, s[:]
	case "2":
		s := sha256.Sum256([]byte(n.signed()))
		hash, sum = crypto.SHA256, s[:]
	default:
		return refuse(http.StatusForbidden, "its SignatureVersion %q is neither 1 nor 2", n.SignatureVersion)
	}
	if !certOfSNS(n.SigningCertURL) {
		return refuse(http.StatusForbidden, "its SigningCertURL is not of SNS")
	}
	cert, err := c.get(ctx, n.SigningCertURL, now)
	if err != nil {
		return fmt.Errorf("getting the certificate of SNS: %w", err)
	}
	if now.Before(cert.from) || now.After(cert.until) {
		return refuse(http.StatusForbidden, "its certificate is not valid now")
	}
	if rsa.VerifyPKCS1v15(cert.key, hash, sum, signature) != nil {
		return refuse(http.StatusForbidden, "its signature is not of SNS")
	}
	return nil
}

// get fetches one certificate at a time, and keeps a few.
func (c *certificates) get(ctx context.Context, address string, now time.Time) (certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[address]; ok && now.Sub(known.got) < 24*time.Hour {
		return known, nil
	}
	raw, err := c.fetch(ctx, address)
	if err != nil {
		return certificate{}, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return certificate{}, errors.New("it is not PEM")
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return certificate{}, err
	}
	key, ok := parsed.PublicKey.(*rsa.PublicKey)
	if !ok {
		return certificate{}, fmt.Errorf("its key is a %T, not RSA", parsed.PublicKey)
	}
	if len(c.known) >= 8 {
		clear(c.known)
	}
	got := certificate{key: key, from: parsed.NotBefore, until: parsed.NotAfter, got: now}
	c.known[address] = got
	return got, nil
}

// fetch gets a page. The address was checked to be of SNS; a redirect would
// lead elsewhere.
func fetch(ctx context.Context, address string) ([]byte, error) {
	const most = 64 << 10
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, most))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", answer.Request.URL.Host, answer.Status)
	}
	return body, nil
}
