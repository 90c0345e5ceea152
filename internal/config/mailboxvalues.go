package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dateline/internal/yamlfile"
)

// listenAt reads HOST:PORT, or the path of a socket.
func (r *reader) listenAt(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok || isSocket(s) {
		return s, ok
	}
	return r.hostPort(n)
}

// hostPort reads an address to listen at.
func (r *reader) hostPort(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	host, port, err := net.SplitHostPort(s)
	number, notNumber := strconv.ParseUint(port, 10, 16)
	if err != nil || notNumber != nil || number == 0 || (host != "" && net.ParseIP(host) == nil && !hostName(host)) {
		n.Fault("`"+shown(s)+"` is nothing to listen at", "HOST:PORT is wanted, such as 127.0.0.1:8026")
		return "", false
	}
	return s, true
}

// poll reads a wait between two looks, which is not so short that a mail server
// would take it for an attack.
func (r *reader) poll(n yamlfile.Node) (time.Duration, bool) {
	d, ok := r.duration(n)
	if ok && d < time.Second {
		n.Fault("`"+shown(n.Text())+"` is too often", "at least 1s is wanted")
		return 0, false
	}
	return d, ok
}

// size reads how large a message may be.
func (r *reader) size(n yamlfile.Node) (int64, bool) {
	s, ok := r.line(n)
	if !ok {
		return 0, false
	}
	for i, unit := range []string{"KiB", "MiB"} {
		if number, is := strings.CutSuffix(s, unit); is {
			v, err := strconv.ParseUint(strings.TrimSpace(number), 10, 32)
			if bytes := int64(v) << (10 * (i + 1)); err == nil && bytes >= 64<<10 && bytes <= 64<<20 {
				return bytes, true
			}
		}
	}
	n.Fault("`"+shown(s)+"` does not fit", "a size from 64KiB to 64MiB is wanted, such as 1MiB")
	return 0, false
}

// topicForm is an ARN as SNS makes it. One with a slip in it would only show by
// every report being refused.
var topicForm = regexp.MustCompile(`^arn:aws(-[a-z]+)*:sns:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$`)

// topic reads the ARN of an SNS topic.
func (r *reader) topic(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if ok && !topicForm.MatchString(s) {
		n.Fault("`"+shown(s)+"` is no topic of SNS", "arn:aws:sns:REGION:ACCOUNT:NAME is wanted, such as arn:aws:sns:eu-central-1:123456789012:bounces")
		return "", false
	}
	return s, ok
}

// publicKey reads a key as SendGrid shows it. What stands there instead may be
// a secret one, so no fault quotes it.
func (r *reader) publicKey(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	der, err := base64.StdEncoding.DecodeString(s)
	var parsed any
	if err == nil {
		parsed, err = x509.ParsePKIXPublicKey(der)
	}
	if key, is := parsed.(*ecdsa.PublicKey); err != nil || !is || key.Curve != elliptic.P256() {
		n.Fault("`public_key` is no ECDSA key on the curve P-256", "the verification key is wanted, as the provider's settings page shows it")
		return "", false
	}
	return s, true
}
