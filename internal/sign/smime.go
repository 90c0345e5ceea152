package sign

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/smallstep/pkcs7"
)

// Certificate signs by S/MIME (RFC 8551, clear signing). It is safe for
// concurrent use.
type Certificate struct {
	chain []*x509.Certificate
	key   crypto.Signer
}

// NewCertificate makes a signer of a certificate, those that vouch for it behind
// it, and its key, RSA or ECDSA.
func NewCertificate(chain []*x509.Certificate, key crypto.Signer) (*Certificate, error) {
	if len(chain) == 0 || key == nil {
		return nil, errors.New("S/MIME: there is no certificate, or no key")
	}
	return &Certificate{chain, key}, nil
}

// Sign gives a message with its parts under a signature: what was the message's
// body is the first part of a multipart/signed, to the byte. DKIM signatures are
// put in front afterwards. It fails where the certificate does not hold at the
// instant. The time that the signature itself tells is the machine's own.
func (c *Certificate) Sign(message []byte, at time.Time) ([]byte, error) {
	leaf := c.chain[0]
	if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
		return nil, fmt.Errorf("the S/MIME certificate holds from %s to %s, and not at %s", leaf.NotBefore.UTC().Format(time.RFC3339), leaf.NotAfter.UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339))
	}
	headers, content, body, ok := contentHeaders(message)
	if !ok {
		return nil, errNoMessage
	}
	entity := append(append(bytes.Clone(content), "\r\n"...), body...)
	signature, err := c.detached(entity)
	if err != nil {
		return nil, fmt.Errorf("signing by S/MIME: %w", err)
	}
	sum := sha256.Sum256(message)
	boundary := "signed-" + hex.EncodeToString(sum[:16])
	out := make([]byte, 0, len(message)+len(signature)*3/2+512)
	out = append(out, headers...)
	out = append(out, "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n micalg=sha-256; boundary="+boundary+"\r\n\r\n--"+boundary+"\r\n"...)
	out = append(out, entity...)
	out = append(out, "\r\n--"+boundary+"\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7s\r\n\r\n"...)
	out = appendLines(out, base64.StdEncoding.EncodeToString(signature))
	return append(out, "--"+boundary+"--\r\n"...), nil
}

// detached is a CMS signature (RFC 5652) that does not hold what it signs.
func (c *Certificate) detached(entity []byte) ([]byte, error) {
	data, err := pkcs7.NewSignedData(entity)
	if err != nil {
		return nil, err
	}
	data.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := data.AddSignerChain(c.chain[0], c.key, c.chain[1:], pkcs7.SignerInfoConfig{}); err != nil {
		return nil, err
	}
	data.Detach()
	return data.Finish()
}

// contentHeaders parts a message into its headers but for those of its content,
// these, and its body. A message without a Content-Type is none of ours.
func contentHeaders(message []byte) (headers, content, body []byte, ok bool) {
	head, body, ok := bytes.Cut(message, []byte("\r\n\r\n"))
	if !ok {
		return nil, nil, nil, false
	}
	into := &headers
	for line := range bytes.SplitAfterSeq(append(bytes.Clone(head), "\r\n"...), []byte("\r\n")) {
		if len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			into = &headers
			if hasName(line, "Content-Type:") || hasName(line, "Content-Transfer-Encoding:") {
				into = &content
			}
		}
		*into = append(*into, line...)
	}
	return headers, content, body, len(content) > 0
}

func hasName(line []byte, name string) bool {
	return len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name))
}

// appendLines writes base64 in lines of 76 characters.
func appendLines(dst []byte, s string) []byte {
	const most = 76
	for len(s) > most {
		dst, s = append(append(dst, s[:most]...), "\r\n"...), s[most:]
	}
	return append(append(dst, s...), "\r\n"...)
}
