package relay

import (
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
)

// hide takes every mention of a text, in whatever case, out of what a server
// said: many repeat the recipient's address, some the whole command.
func hide(said, what, instead string) string {
	if what == "" || !strings.Contains(strings.ToLower(said), strings.ToLower(what)) {
		return said
	}
	return regexp.MustCompile("(?i)"+regexp.QuoteMeta(what)).ReplaceAllLiteralString(said, instead)
}

// hideIn is hide for an error's text; an error that says nothing of it stays
// the same.
func hideIn(err error, what, instead string) error {
	if err == nil {
		return nil
	}
	if text := hide(err.Error(), what, instead); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// hidePassword takes a password out of an error, in each form in which AUTH may
// have sent it.
func hidePassword(err error, o Options) error {
	if o.Password == "" {
		return err
	}
	coded := base64.StdEncoding
	for _, form := range []string{
		coded.EncodeToString([]byte("\x00" + o.Username + "\x00" + o.Password)),
		coded.EncodeToString([]byte("user=" + o.Username + "\x01auth=Bearer " + o.Password + "\x01\x01")),
		coded.EncodeToString([]byte(o.Password)),
		o.Password,
	} {
		err = hideIn(err, form, "********")
	}
	return err
}
