package cli

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"dateline/internal/dispatch"
)

// manager is systemd, or whoever else has started the daemon and set
// NOTIFY_SOCKET and WATCHDOG_USEC. Where nobody has, it is told nothing.
type manager struct {
	log     *slog.Logger
	current atomic.Pointer[dispatch.Dispatcher] // the one whose loops must come round
}

func (m *manager) tell(state string) {
	if _, err := systemd.SdNotify(false, state); err != nil {
		m.log.Error("systemd could not be told how the daemon stands", "error", err)
	}
}

// ready says that the daemon serves, at the start and after each reload.
func (m *manager) ready(releases int) {
	m.tell(fmt.Sprintf("%s\nSTATUS=Serving; %s in the config folder", systemd.SdNotifyReady, count(releases, "release")))
}

// reloading comes before ready, where the config folder is read anew.
func (m *manager) reloading() { m.tell(systemd.SdNotifyReloading) }

func (m *manager) stopping() {
	m.tell(systemd.SdNotifyStopping + "\nSTATUS=Waiting for what is on its way")
}

// halted names what hangs in the daemon; "" where nothing does.
func (m *manager) halted() string {
	if d := m.current.Load(); d != nil {
		return d.Halted()
	}
	return ""
}

// watch gives signs of life for as long as the dispatcher's loops come round. A
// daemon that hangs gives none, and is ended and started anew.
func (m *manager) watch(ctx context.Context) {
	every, err := systemd.SdWatchdogEnabled(false)
	if err != nil {
		m.log.Error("the watchdog's interval cannot be read; systemd gets no signs of life", "error", err)
	}
	if err != nil || every == 0 {
		return
	}
	tick := time.NewTicker(every / 4)
	defer tick.Stop()
	for {
		if m.halted() == "" {
			m.tell(systemd.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
