package main

import (
	"syscall"
	"testing"
)

func TestNoImageOfTheProcessIsKept(t *testing.T) {
	const first = 1 // as a process begins
	if was, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0); was != first {
		t.Skipf("the test itself begins as one that is not dumped (%d)", was)
	}
	keepNoCore()
	if now, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0); now != 0 {
		t.Errorf("the process may be dumped: %d", now)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("the limit of an image is %+v, %v", limit, err)
	}
}
