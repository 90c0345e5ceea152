package mailbox

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"dateline/internal/press"
)

// window is how old a post may be. Providers try again for longer; what they
// sign then has a new timestamp.
const window = time.Hour

// SendGrid is its Signed Event Webhook.
type SendGrid struct {
	Settings
	PublicKey string // base64 of the DER, as its settings page shows it
}

// Handler gives the webhook.
func (g SendGrid) Handler(h Handler) (http.Handler, error) {
	der, err := base64.StdEncoding.DecodeString(g.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("the public key of mailbox %s must be base64, as SendGrid shows it: %w", g.Name, err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("the public key of mailbox %s cannot be read: %w", g.Name, err)
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the public key of mailbox %s is a %T, SendGrid has ECDSA", g.Name, parsed)
	}
	return newHook(g.Settings, press.FormatSendGrid, h, func(r *http.Request, body []byte, now time.Time) (post, error) {
		stamp := r.Header.Get("X-Twilio-Email-Event-Webhook-Timestamp")
		signature, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Twilio-Email-Event-Webhook-Signature"))
		if err != nil || len(signature) == 0 || stamp == "" {
			return post{}, refuse(http.StatusForbidden, "it has no signature: switch the Signed Event Webhook on at SendGrid")
		}
		sum := sha256.Sum256(append([]byte(stamp), body...))
		if !ecdsa.VerifyASN1(public, sum[:], signature) {
			return post{}, refuse(http.StatusForbidden, "its signature is not of SendGrid's key")
		}
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return post{}, refuse(http.StatusForbidden, "its timestamp is no number")
		}
		// A signature can be written in two ways: what it signs is the name.
		return jsonPost(digest(sum[:]), body), fresh(time.Unix(seconds, 0), now, window)
	}), nil
}

// jsonPost hands a body on as it is. One that is no JSON is handed on as well:
// the provider signed it, and the quarantine shows it.
func jsonPost(ref string, body []byte) post { return post{ref: ref, raw: body} }

// Postmark signs nothing: it sends the user name and password of the URL that
// it was given, and headers of the operator's choice.
type Postmark struct {
	Settings
	Username, Password string
	Header, Secret     string // one more header with a secret; "": none
}

// Handler gives the webhook.
func (p Postmark) Handler(h Handler) (http.Handler, error) {
	if p.Username == "" || p.Password == "" {
		return nil, fmt.Errorf("mailbox %s needs a user name and a password: without them anybody could post", p.Name)
	}
	if (p.Header == "") != (p.Secret == "") {
		return nil, fmt.Errorf("mailbox %s needs both a header and its secret, or neither", p.Name)
	}
	return newHook(p.Settings, press.FormatPostmark, h, func(r *http.Request, body []byte, _ time.Time) (post, error) {
		user, password, _ := r.BasicAuth()
		right := same(user, p.Username) & same(password, p.Password)
		if p.Header != "" {
			right &= same(r.Header.Get(p.Header), p.Secret)
		}
		if right != 1 {
			return post{}, refuse(http.StatusUnauthorized, "its user name, password or secret header is wrong")
		}
		return jsonPost(digest(body), body), nil
	}), nil
}

// same compares in a time that tells nothing, not even the length.
func same(got, want string) int {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:])
}

// Mailgun signs a timestamp and a token, not what it posts: the token is good
// for one post.
type Mailgun struct {
	Settings
	SigningKey string
}

// Handler gives the webhook.
func (m Mailgun) Handler(h Handler) (http.Handler, error) {
	if m.SigningKey == "" {
		return nil, fmt.Errorf("mailbox %s needs Mailgun's HTTP webhook signing key", m.Name)
	}
	return newHook(m.Settings, press.FormatMailgun, h, func(_ *http.Request, body []byte, now time.Time) (post, error) {
		var posted struct {
			Signature struct{ Timestamp, Token, Signature string }
		}
		if err := json.Unmarshal(body, &posted); err != nil {
			return post{}, refuse(http.StatusForbidden, "it is not the JSON that Mailgun posts: %v", err)
		}
		s := posted.Signature
		signature, err := hex.DecodeString(s.Signature)
		mac := hmac.New(sha256.New, []byte(m.SigningKey))
		mac.Write([]byte(s.Timestamp + s.Token))
		if err != nil || s.Token == "" || !hmac.Equal(mac.Sum(nil), signature) {
			return post{}, refuse(http.StatusForbidden, "its signature is not of Mailgun's key")
		}
		seconds, err := strconv.ParseInt(s.Timestamp, 10, 64)
		if err != nil {
			return post{}, refuse(http.StatusForbidden, "its timestamp is no number")
		}
		// Named by both: a digit moved from the one to the other signs alike.
		return jsonPost(digest([]byte(s.Timestamp+s.Token)), body), fresh(time.Unix(seconds, 0), now, window)
	}), nil
}
