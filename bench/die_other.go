//go:build !linux

package main

import "syscall"

// dieWithUs is of Linux alone, as is the bench; elsewhere it only builds.
func dieWithUs() *syscall.SysProcAttr { return nil }
