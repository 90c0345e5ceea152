package relay

import (
	"io"
	"net"
	"syscall"
	"testing"
)

func TestReadingAsksForQuickAcknowledgement(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	here, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	there, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	raw, err := here.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	option := func(set bool) (got int) {
		err := raw.Control(func(fd uintptr) {
			if set {
				_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 0)
			}
			got, _ = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK)
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	wrapped := quick(here)
	for range 3 {
		if option(true) != 0 {
			t.Fatal("the setting cannot be taken back")
		}
		if _, err := io.WriteString(there, "250 ok\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := wrapped.Read(make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		if option(false) != 1 {
			t.Error("after a read the setting is gone")
		}
	}
	if pipe, other := net.Pipe(); quick(pipe) != pipe || other.Close() != nil || pipe.Close() != nil {
		t.Error("what is no TCP connection is wrapped")
	}
}
