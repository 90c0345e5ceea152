package relay

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func TestReplies(t *testing.T) {
	tests := []struct{ in, want string }{
		{"250 2.1.5 Ok\r\n", "250 2.1.5 Ok"},
		{"250\r\n", "250"},
		{"250 Ok\n", "250  Ok"},
		{"550-5.1.1 No such\r\n550 5.1.1 user\r\n", "550 5.1.1 No such user"},
		{"451 4.7.1\r\n", "451 4.7.1"},
		{"250 2.0.0.1 no enhanced code\r\n", "250  2.0.0.1 no enhanced code"},
		{"250 a\x00b\x1b[0m\tc\xff\r\n", "250  a b [0m c\ufffd"},
		{"250 a\u009b2Jb\u202ec\u2066d\r\n", "250  a 2Jb c d"},
	}
	for _, test := range tests {
		got, err := readReply(bufio.NewReader(strings.NewReader(test.in)))
		if err != nil || got.String() != test.want {
			t.Errorf("%q: %q, %v; want %q", test.in, got, err, test.want)
		}
	}
	for _, in := range []string{"", "25", "25\r\n", "999 x\r\n", "2a0 x\r\n", "250x\r\n", "250-a\r\n", "250-a\r\n251 b\r\n", "199 x\r\n", strings.Repeat("250-a\r\n", 51) + "250 b\r\n", "250 " + strings.Repeat("x", 3000) + "\r\n"} {
		if got, err := readReply(bufio.NewReader(strings.NewReader(in))); err == nil {
			t.Errorf("%.40q was read as %q", in, got)
		}
	}
}

func FuzzReply(f *testing.F) {
	f.Add([]byte("250-2.1.5 a\r\n250 b\r\n"))
	f.Add([]byte("421 4.3.2 bye\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := readReply(bufio.NewReader(bytes.NewReader(in)))
		if err != nil {
			return
		}
		if r.code < 200 || r.code > 599 {
			t.Errorf("code %d", r.code)
		}
		if strings.ContainsFunc(r.text+r.enhanced, func(c rune) bool { return unicode.IsControl(c) || press.TurnsText(c) }) || len(r.text) > maxReplyLine*maxReplyLines {
			t.Errorf("text %q", r.text)
		}
	})
}

// Whatever the message, the relay that undoes the dots has it again, and the
// end of the data stands only at its end.
func TestStuffingIsUndoneToTheLetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.StringMatching(`\.{0,3}[a-z ]{0,5}`)).Draw(t, "lines")
		message := strings.Join(lines, "\r\n")
		stuffed := string(appendData(nil, []byte(message)))
		data, ok := strings.CutSuffix(stuffed, ".\r\n")
		if !ok || strings.Contains("\r\n"+data, "\r\n.\r\n") {
			t.Fatalf("%q", stuffed)
		}
		var back strings.Builder
		for line := range strings.SplitAfterSeq(data, "\r\n") {
			back.WriteString(strings.TrimPrefix(line, "."))
		}
		want := message
		if !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if back.String() != want {
			t.Fatalf("%q came back as %q", want, back.String())
		}
	})
}

// Whatever stands in a message, a relay sees one end of the data, though it be
// one that takes a lone CR or LF for the end of a line.
func FuzzAppendData(f *testing.F) {
	for _, message := range []string{"", ".", "a\n.\nb", "a\r.\rb", "a\n.\r\nb", "a\r\n.\nb", "a\r.\r\nb", "a\r\r\n.\r\r\nb", "..\r\n.", "a\r"} {
		f.Add([]byte(message))
	}
	anyEnd := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	f.Fuzz(func(t *testing.T, message []byte) {
		data, ok := strings.CutSuffix(string(appendData(nil, message)), "\r\n.\r\n")
		if !ok || strings.ContainsAny(strings.ReplaceAll(data, "\r\n", ""), "\r\n") {
			t.Fatalf("%q went out as %q", message, data)
		}
		if strings.Contains("\n"+anyEnd.Replace(data)+"\n", "\n.\n") {
			t.Fatalf("%q went out as %q, with an end of the data in it", message, data)
		}
		var back []string
		for line := range strings.SplitSeq(data, "\r\n") {
			back = append(back, strings.TrimPrefix(line, "."))
		}
		want := strings.TrimSuffix(anyEnd.Replace(string(message)), "\n")
		if got := strings.Join(back, "\n"); got != want {
			t.Fatalf("%q came back as %q", message, got)
		}
	})
}
