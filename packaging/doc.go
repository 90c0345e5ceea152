// Package packaging holds no code, but what goes beside the program on a
// machine: the systemd unit, its user and folders, and what makes a Debian
// package. Its tests hold the unit, the container image and the compose file
// against the program, and a release against what it promises.
package packaging
