package main

import "syscall"

// dieWithUs has the system end a child when the thread that started it is gone.
func dieWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
