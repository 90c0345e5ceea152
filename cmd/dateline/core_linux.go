package main

import "syscall"

// keepNoCore has the system keep no image of the process when it dies: passwords,
// keys and releases under embargo would lie in it. A program that the system hands
// images to (core_pattern) does not heed the limit, so the process says besides
// that it is none to be dumped; then no other one of the same user can read its
// memory either. Where the system refuses that, the process goes on; whoever
// starts it may have seen to it already.
func keepNoCore() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0)
}
