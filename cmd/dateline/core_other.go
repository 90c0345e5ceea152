//go:build !linux

package main

func keepNoCore() {}
