//go:build unix

package main

import "syscall"

// keepNoCore has the system write no image of the process when it dies: passwords,
// keys and releases under embargo would lie in it. Where the system refuses that,
// the process goes on; whoever starts it may have set the limit already.
func keepNoCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
