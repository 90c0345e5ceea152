package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/store"
)

// demoPerson is the account that a demo's console is opened with.
const demoPerson = "demo"

// freeAddress is one of this machine that nobody listens at just now.
func freeAddress(ctx context.Context) (string, error) {
	var of net.ListenConfig
	l, err := of.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a port for the demo's console: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// openConsole makes an account for whoever runs the demo, and tells where it
// opens what.
func (d *demoRun) openConsole(ctx context.Context, o *office) error {
	password := strings.ToLower(rand.Text()[:16])
	asked := access.NewAccount{Login: demoPerson, Name: "Demo", Roles: access.Roles(), Password: password}
	if _, err := access.NewDoor(o.store, store.NewID, access.Setup{}).AddAccount(ctx, access.CommandLine(demoPerson), asked, time.Now()); err != nil {
		return err
	}
	d.tell("", bold("   Watch it at http://"+o.config.Console.Listen+"/")+fmt.Sprintf("   name: %s   password: %s", demoPerson, password))
	return nil
}

// stay keeps the daemon, and with it the console, until somebody ends the demo.
func (d *demoRun) stay(ctx context.Context) {
	if d.flags.stay {
		d.tell("", "The console stays at http://"+d.console+"/ until Ctrl-C.")
		<-ctx.Done()
	}
}
