package mailstack

import (
	"net/smtp"
	"testing"
	"time"
)

func TestSmoke(t *testing.T) {
	at := time.Now()
	s := Start(t, Options{})
	t.Log(time.Since(at))
	c, err := smtp.Dial(s.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(c.Extension("DSN"))
	if err := smtp.SendMail(s.LMTP, nil, "", nil, nil); err != nil {
		t.Log(err)
	}
	t.Error(s.folder)
}
