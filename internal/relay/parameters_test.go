package relay

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func TestParameters(t *testing.T) {
	id := press.ID{0x01, 0x93, 0x6b, 0x2e, 0x7c, 0x1a, 0x70, 0, 0x80, 0, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab}
	every := abilities{pipelining: true, eightBit: true, utf8: true, dsn: true, size: true, limit: 1000}
	tests := []struct {
		name       string
		can        abilities
		envelope   press.Envelope
		mail, rcpt string
	}{
		{"nothing offered", abilities{}, press.Envelope{Delivery: id, From: "b@x.example", To: "a@y.example", Size: 10}, "<b@x.example>", "<a@y.example>"},
		{"all offered", every, press.Envelope{Delivery: id, From: "b@x.example", To: "a@y.example", Size: 10}, "<b@x.example> SIZE=10 RET=HDRS ENVID=" + id.String(), "<a@y.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@y.example"},
		{"8-bit", every, press.Envelope{From: "b@x.example", To: "a@y.example", EightBit: true}, "<b@x.example> BODY=8BITMIME", "<a@y.example>"},
		{"a test copy", every, press.Envelope{From: "b@x.example", To: "a@y.example", Size: 3}, "<b@x.example> SIZE=3", "<a@y.example>"},
		{"nobody as sender", every, press.Envelope{To: "a@y.example"}, "<>", "<a@y.example>"},
		{"success, too", abilities{dsn: true, delivered: true}, press.Envelope{Delivery: id, From: "b@x.example", To: "a@y.example"}, "<b@x.example> RET=HDRS ENVID=" + id.String(), "<a@y.example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a@y.example"},
		{"success, where no DSN is offered", abilities{delivered: true}, press.Envelope{Delivery: id, From: "b@x.example", To: "a@y.example"}, "<b@x.example>", "<a@y.example>"},
		{"a plus and an equals sign", every, press.Envelope{Delivery: id, To: "a+b=c@y.example"}, "<> RET=HDRS ENVID=" + id.String(), "<a+b=c@y.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@y.example"},
		{"beyond ASCII", every, press.Envelope{Delivery: id, To: "айгүл+b@y.example"}, "<> SMTPUTF8 RET=HDRS ENVID=" + id.String(), `<айгүл+b@y.example> NOTIFY=FAILURE,DELAY ORCPT=utf-8;айгүл\x{2B}b@y.example`},
		{"a domain beyond ASCII", every, press.Envelope{To: "a@bücher.example"}, "<>", "<a@xn--bcher-kva.example>"},
		{"both beyond ASCII", every, press.Envelope{To: "ü@bücher.example"}, "<> SMTPUTF8", "<ü@bücher.example>"},
	}
	for _, test := range tests {
		got := string(test.can.appendCommands(nil, aheadVerbs(), test.envelope))
		want := "MAIL FROM:" + test.mail + "\r\nRCPT TO:" + test.rcpt + "\r\nDATA\r\n"
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

func TestWhatARelayCannotCarry(t *testing.T) {
	tests := []struct {
		name     string
		can      abilities
		envelope press.Envelope
		want     string // the enhanced status; "": it can
	}{
		{"at the limit", abilities{size: true, limit: 10}, press.Envelope{Size: 10}, ""},
		{"beyond the limit", abilities{size: true, limit: 10}, press.Envelope{Size: 11}, "5.3.4"},
		{"no limit told", abilities{size: true}, press.Envelope{Size: 1 << 30}, ""},
		{"8-bit, and no 8BITMIME", abilities{}, press.Envelope{EightBit: true}, "5.6.3"},
		{"8-bit", abilities{eightBit: true}, press.Envelope{EightBit: true}, ""},
		{"a domain beyond ASCII needs no SMTPUTF8", abilities{}, press.Envelope{To: "a@bücher.example"}, ""},
		{"a name beyond ASCII does", abilities{}, press.Envelope{To: "ü@x.example"}, "5.6.7"},
		{"a second command in the address", abilities{}, press.Envelope{To: "a@x.example>\r\nRCPT TO:<b@x.example"}, "5.1.3"},
		{"a parameter in the sender", abilities{}, press.Envelope{From: "a@x.example> X"}, "5.1.3"},
	}
	for _, test := range tests {
		o, ok := test.can.carry(test.envelope)
		if ok != (test.want == "") || o.Enhanced != test.want {
			t.Errorf("%s: %v, %+v; want %q", test.name, ok, o, test.want)
		}
		if !ok && (o.State != press.Rejected || o.OfAddress || !strings.Contains(o.Text, "own check")) {
			t.Errorf("%s: %+v", test.name, o)
		}
	}
}

func TestWhatEHLOSays(t *testing.T) {
	offered := map[string]string{"PIPELINING": "", "SIZE": "10240000", "DSN": ""}
	got := newAbilities(func(name string) (bool, string) {
		parameters, ok := offered[name]
		return ok, parameters
	}, false)
	if want := (abilities{pipelining: true, size: true, dsn: true, limit: 10240000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, no := range []string{"", "0", "-1", "many"} {
		offered["SIZE"] = no
		if got := newAbilities(func(name string) (bool, string) { return name == "SIZE", offered[name] }, false); !got.size || got.limit != 0 {
			t.Errorf("SIZE %q: %+v", no, got)
		}
	}
}

// xtext is undone to the letter, and holds nothing that would end it.
func TestTheOriginalRecipientIsUndoneToTheLetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[ -~\x00-\x1f]{1,20}@[a-z+=]{1,8}`).Draw(t, "address")
		text, ok := strings.CutPrefix(string(appendOriginal(nil, press.Address(a))), "rfc822;")
		if !ok || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '=' || r > '~' }) {
			t.Fatalf("%q became %q", a, text)
		}
		var back []byte
		for i := 0; i < len(text); i++ {
			if text[i] != '+' {
				back = append(back, text[i])
				continue
			}
			back = append(back, byte(strings.IndexByte("0123456789ABCDEF", text[i+1])<<4|strings.IndexByte("0123456789ABCDEF", text[i+2])))
			i += 2
		}
		if string(back) != a {
			t.Fatalf("%q came back as %q", a, back)
		}
	})
}

func TestAnIDIsWrittenAsItPrints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id press.ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		if got := string(appendID(nil, id)); got != id.String() {
			t.Fatalf("%s, want %s", got, id)
		}
	})
}
