package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dateline/internal/press"
)

// callWait bounds one call.
const callWait = 10 * time.Second

// SignatureHeader carries the signature of a call.
const SignatureHeader = "Dateline-Signature"

// Webhook is where alarms are posted to. Make it with NewWebhook.
type Webhook struct {
	address, key string
	client       *http.Client
}

// NewWebhook makes one; without a key nothing is signed.
func NewWebhook(address, key string) *Webhook {
	dialer := &net.Dialer{Timeout: callWait, Control: refuse}
	return &Webhook{address: address, key: key, client: &http.Client{
		Timeout: callWait,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: callWait, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// errForbidden is for addresses that no alarm has business at.
var errForbidden = errors.New("no alarm is posted to a link-local or metadata address")

// refuse looks at each address that is about to be connected to, after names are
// resolved.
func refuse(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errForbidden
	}
	ip := at.Addr().Unmap().WithZone("")
	metadata := []string{"fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192"} // of clouds, beside 169.254.169.254
	for _, m := range metadata {
		if ip == netip.MustParseAddr(m) {
			return errForbidden
		}
	}
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return errForbidden
	}
	return nil
}

// call is the body of a call. Its text is what most chat programs show.
type call struct {
	ID      press.ID    `json:"id"`
	State   string      `json:"state"` // begun, again or ended
	Cause   press.Cause `json:"cause"`
	Release string      `json:"release,omitempty"`
	Of      string      `json:"of,omitempty"`
	What    string      `json:"what"`
	Do      string      `json:"do"`
	Since   time.Time   `json:"since,omitzero"`
	Ended   time.Time   `json:"ended,omitzero"`
	Text    string      `json:"text"`
}

func stateOf(t press.Telling) string {
	switch {
	case !t.Ended.IsZero():
		return "ended"
	case t.Again:
		return "again"
	default:
		return "begun"
	}
}

// headline says in a line what an alarm is about.
func headline(t press.Telling) string {
	about := t.Alarm.What
	if t.Alarm.Release != "" {
		about = t.Alarm.Release + ": " + about
	}
	return map[string]string{"begun": "Alarm: ", "again": "Still: ", "ended": "Over: "}[stateOf(t)] + strings.Join(strings.Fields(about), " ")
}

// Tell posts an alarm.
func (w *Webhook) Tell(ctx context.Context, t press.Telling) error {
	a := t.Alarm
	body, err := json.Marshal(call{ID: t.ID, State: stateOf(t), Cause: a.Cause, Release: a.Release, Of: a.Of, What: a.What, Do: a.Do, Since: a.Since, Ended: t.Ended, Text: headline(t)})
	if err != nil {
		return fmt.Errorf("posting the alarm: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address, bytes.NewReader(body))
	if err != nil {
		return errors.New("posting the alarm: the webhook is no address to post to")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Dateline")
	if w.key != "" {
		r.Header.Set(SignatureHeader, sign(w.key, time.Now(), body))
	}
	answer, err := w.client.Do(r)
	if err != nil {
		why := &url.Error{}
		if errors.As(err, &why) {
			err = why.Err // without the path, which may be a secret
		}
		return fmt.Errorf("posting the alarm: %w", err)
	}
	_ = answer.Body.Close() // nothing of it is read
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return nil
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return fmt.Errorf("posting the alarm: the webhook redirects (%d), which is not followed; give the address that it leads to", answer.StatusCode)
	default:
		return fmt.Errorf("posting the alarm: the webhook answered %d", answer.StatusCode)
	}
}

// sign is the signature of a body at a time.
func sign(key string, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(seconds + ".")) // a hash never fails
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
