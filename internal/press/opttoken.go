package press

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
)

// An opt-out token is the id of the key that made it and, in base32, the
// delivery's id, encrypted, and a signature. It is as long as an envelope token,
// and like it in lower case. Who holds one can speak for the one copy that it
// came with; what is in it nobody else can read, not even when that copy was
// made. It never expires: it is valid as long as its key is in the keys file.

var errNoOptOut = errors.New("it is no opt-out token of this installation: it was cut or changed on its way, made by somebody else, or made with a key that is not in the keys file any more")

// OptOutToken is the token of a delivery, for the links in its mail.
func (k Keyring) OptOutToken(id ID) string { return k.tokens[len(k.tokens)-1].optOut(id) }

// CheckOptOutToken gives the delivery of a token, in upper or lower case.
func (k Keyring) CheckOptOutToken(token string) (ID, error) {
	token = strings.Map(lowerASCII, token)
	if len(token) != tokenLen {
		return ID{}, errNoOptOut
	}
	for _, key := range k.tokens {
		if !strings.HasPrefix(token, key.inToken()) {
			continue
		}
		sealed, err := unpadded().DecodeString(strings.ToUpper(token[tokenKeyIDLen : tokenKeyIDLen+tokenIDLen]))
		if err != nil || len(sealed) != len(ID{}) {
			return ID{}, errNoOptOut
		}
		id := key.open(sealed)
		if hmac.Equal([]byte(key.optOut(id)), []byte(token)) {
			return id, nil
		}
	}
	return ID{}, errNoOptOut
}

// subkey is a key of its own for one use.
func (k tokenKey) subkey(use string) []byte {
	mac := hmac.New(sha256.New, k.key)
	mac.Write([]byte("dateline " + use + "\x00" + k.inToken()))
	return mac.Sum(nil)
}

// optOut encrypts the id: it is one block, and no two deliveries have the same.
func (k tokenKey) optOut(id ID) string {
	block, err := aes.NewCipher(k.subkey("opt-out id"))
	if err != nil {
		panic(err) // 32 bytes are always a key
	}
	var sealed [aes.BlockSize]byte
	block.Encrypt(sealed[:], id[:])
	mac := hmac.New(sha256.New, k.subkey("opt-out"))
	mac.Write(sealed[:])
	letters := unpadded()
	return k.inToken() + strings.ToLower(letters.EncodeToString(sealed[:])+letters.EncodeToString(mac.Sum(nil))[:tokenSignLen])
}

func (k tokenKey) open(sealed []byte) ID {
	block, err := aes.NewCipher(k.subkey("opt-out id"))
	if err != nil {
		panic(err) // 32 bytes are always a key
	}
	var id ID
	block.Decrypt(id[:], sealed)
	return id
}
