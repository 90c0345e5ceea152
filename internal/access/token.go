package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
)

const (
	tokenPrefix   = "dl_"
	tokenSecret   = 32 // random bytes
	tokenLongest  = 366 * 24 * time.Hour
	tokenUseEvery = time.Minute // its last use is written at most so often
	longestNote   = 200
)

// NewToken is what is asked for.
type NewToken struct {
	For     string // the owner's login name
	Scope   []Right
	Expires time.Time
	Note    string
}

// base32Lower writes tokens: lower case, and read in any.
func base32Lower() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// formatToken writes a token: a prefix by which scanners find it, its id, its
// secret, and a checksum by which they tell it from anything else.
func formatToken(id press.ID, secret []byte) string {
	b := slices.Concat(id[:], secret)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return tokenPrefix + base32Lower().EncodeToString(b)
}

// parseToken reads what formatToken wrote.
func parseToken(text string) (id press.ID, secret []byte, ok bool) {
	text, ok = strings.CutPrefix(strings.ToLower(strings.TrimSpace(text)), tokenPrefix)
	if !ok || len(text) > 200 {
		return id, nil, false
	}
	b, err := base32Lower().DecodeString(text)
	if err != nil || len(b) != len(id)+tokenSecret+4 {
		return id, nil, false
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(body) != sum || base32Lower().EncodeToString(b) != text {
		return id, nil, false
	}
	copy(id[:], body)
	return id, body[len(id):], true
}

// AddToken makes a token, and gives its text: the only time that it is seen.
func (d *Door) AddToken(ctx context.Context, by Person, n NewToken, now time.Time) (string, press.APIToken, error) {
	if by.Via == ViaToken {
		return "", press.APIToken{}, Denied{"a token makes no tokens; sign in for that"}
	}
	owner, err := d.named(ctx, n.For)
	if err != nil {
		return "", press.APIToken{}, err
	}
	if why := n.faults(personOf(owner), now); why != "" {
		return "", press.APIToken{}, Invalid{why}
	}
	secret := make([]byte, tokenSecret)
	rand.Read(secret)
	t := press.APIToken{ID: d.newID(), Account: owner.ID, Owner: owner.Login, Note: n.Note, Created: now, Expires: n.Expires}
	for _, r := range Rights() {
		if slices.Contains(n.Scope, r) {
			t.Scope = append(t.Scope, string(r))
		}
	}
	hash := sha256.Sum256(secret)
	t.Hash = hash[:]
	detail := fmt.Sprintf("for %s: %s, until %s", owner.Login, strings.Join(t.Scope, ", "), t.Expires.UTC().Format(time.RFC3339))
	err = d.store.AddToken(ctx, t, d.act(ctx, by, "add token", t.ID.String(), detail, now))
	return formatToken(t.ID, secret), t, err
}

func (n NewToken) faults(owner Person, now time.Time) string {
	var why []string
	if len(n.Scope) == 0 {
		why = append(why, "the token would give no right; its scope names some of "+rightNames(Rights()))
	}
	for _, r := range n.Scope {
		switch {
		case !slices.Contains(Rights(), r):
			why = append(why, fmt.Sprintf("%q is no right; the rights are %s", r, rightNames(Rights())))
		case !owner.May(r):
			why = append(why, fmt.Sprintf("the token would give the right %s, which its owner %s lacks", r, owner.Name))
		}
	}
	switch {
	case n.Expires.IsZero():
		why = append(why, "it is not said when the token expires")
	case !n.Expires.After(now):
		why = append(why, "the token would have expired already")
	case n.Expires.Sub(now) > tokenLongest:
		why = append(why, "the token would live longer than 366 days")
	}
	if len(n.Note) > longestNote {
		why = append(why, fmt.Sprintf("the note has more than %d bytes", longestNote))
	}
	return strings.Join(why, "; ")
}

func rightNames(rights []Right) string {
	names := make([]string, len(rights))
	for i, r := range rights {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// Token lets a program in by a token, in its owner's name.
func (d *Door) Token(ctx context.Context, text string, now time.Time) (Person, error) {
	id, secret, ok := parseToken(text)
	if !ok {
		return Person{}, badToken()
	}
	t, _, err := d.store.TokenByID(ctx, id)
	if err != nil {
		return Person{}, err
	}
	hash := sha256.Sum256(secret)
	if subtle.ConstantTimeCompare(hash[:], t.Hash) != 1 || !t.Revoked.IsZero() {
		return Person{}, badToken()
	}
	if !now.Before(t.Expires) {
		return Person{}, Denied{"the token expired at " + t.Expires.UTC().Format(time.RFC3339)}
	}
	p, err := d.Account(ctx, t.Account)
	if err != nil {
		return Person{}, err
	}
	p.Via, p.Cookie, p.Scope = ViaToken, false, make([]Right, len(t.Scope))
	for i, r := range t.Scope {
		p.Scope[i] = Right(r)
	}
	if now.Sub(t.Used) >= tokenUseEvery {
		return p, d.store.TokenUsed(ctx, t.ID, now, now.Add(-tokenUseEvery))
	}
	return p, nil
}

func badToken() error { return Denied{"the token is not valid"} }

// Tokens lists the person's own tokens, or everybody's for whoever keeps them.
func (d *Door) Tokens(ctx context.Context, p Person) ([]press.APIToken, error) {
	own := p.account()
	switch {
	case p.May(Manage):
		return d.store.Tokens(ctx, press.ID{})
	case own.IsZero():
		return nil, nil
	default:
		return d.store.Tokens(ctx, own)
	}
}

// RevokeToken ends a token: one's own, or any for whoever keeps them. The answer
// to an id of another's is the same as to one that does not exist.
func (d *Door) RevokeToken(ctx context.Context, by Person, id string, now time.Time) error {
	none := Invalid{fmt.Sprintf("there is no token %q", id)}
	key, err := press.ParseID(id)
	if err != nil {
		return none
	}
	t, known, err := d.store.TokenByID(ctx, key)
	if err != nil {
		return err
	}
	if !known || !by.May(Manage) && t.Account != by.account() {
		return none
	}
	return d.store.RevokeToken(ctx, t.ID, now, d.act(ctx, by, "revoke token", id, "of "+t.Owner, now))
}
