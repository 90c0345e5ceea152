package cli

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"dateline/internal/access"
	"dateline/internal/api"
	"dateline/internal/config"
	"dateline/internal/console"
	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/oidc"
	"dateline/internal/store"
)

// watchtower has how everything stands at hand, for the console, for the metrics
// and for those who call people.
type watchtower struct {
	board   *ledger.Board
	reading chan struct{} // one reads at a time
}

func newWatchtower(s ledger.BoardStore) *watchtower {
	return &watchtower{board: ledger.NewBoard(s), reading: make(chan struct{}, 1)}
}

// read reads the board anew, unless the context ends while another does.
func (t *watchtower) read(ctx context.Context, also ...string) {
	select {
	case <-ctx.Done():
		return
	case t.reading <- struct{}{}:
	}
	defer func() { <-t.reading }()
	t.board.Read(ctx, time.Now(), time.Now, also...)
}

// How often the board is read while somebody looks at the console. Otherwise it is
// as often as the lookout judges.
const (
	readLooked = time.Second
	looks      = time.Minute // so long after the last page somebody still looks
)

// keep reads the board again and again until the context ends.
func (t *watchtower) keep(ctx context.Context, c *console.Console) error {
	tick := time.NewTicker(readLooked)
	defer tick.Stop()
	for {
		if c.Watched() || time.Since(c.Asked()) < looks {
			t.read(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// addConsole serves the operators' console, and what machines ask.
func (d *daemon) addConsole(in *inbox, c *config.Config) error {
	door := d.doorOf(c)
	tower := d.lookout.tower
	refresh := func(ctx context.Context, release string) { tower.read(context.WithoutCancel(ctx), release) }
	o := console.Options{
		Store: d.office.store, Board: tower.board, Door: door, Sessions: d.sessions(c.Console), Office: d.consoleOffice, Refresh: refresh,
		Proxies: c.Console.Proxies, Secure: secure(c.Console), Watch: c.Console.LiveLimit, Intake: d.office.intake(d.log), Log: d.log, Now: time.Now,
	}
	if sso := c.Console.OIDC; sso.Issuer != "" {
		o.ProviderName = sso.Name
		o.Provider = oidc.New(oidc.Config{
			Issuer: sso.Issuer, ClientID: sso.ClientID, ClientSecret: sso.ClientSecret.Reveal(), GroupsClaim: sso.GroupsClaim,
			Redirect: c.Console.URL + "/oidc/callback", Now: time.Now,
		})
	}
	pages, err := console.New(o)
	if err != nil {
		return err
	}
	all := http.NewServeMux()
	all.Handle("/", pages.Handler())
	all.Handle(api.Prefix+"/", api.Handler(api.Options{
		Store: d.office.store, Door: door, Desk: func() *desk.Desk { return d.consoleOffice().Desk }, Refresh: refresh,
		Proxies: c.Console.Proxies, Log: d.log, Now: time.Now,
	}))
	at := *in
	if c.Console.Listen == config.DefaultConsole {
		at.unasked, at.trouble = true, func(string, string) {}
	}
	in.runners = append(in.runners,
		func(ctx context.Context) error { return tower.keep(ctx, pages) },
		at.listening("console", "tcp", c.Console.Listen, d.log, func(ctx context.Context, l net.Listener) error {
			of := site{pages: all, letGo: pages.LetGo}
			if c.Console.Cert != "" {
				of.tls = certified(c.Console.Cert, c.Console.Key)
			}
			return serveHTTP(ctx, l, of, d.log)
		}))
	return nil
}

// secure tells whether people reach the console by TLS.
func secure(c config.Console) bool { return c.Cert != "" || c.URL != "" }

// doorOf lets people in as a config says. Its limits outlive a change of the
// config that is none of its own.
func (d *daemon) doorOf(c *config.Config) *access.Door {
	groups := map[string][]access.Role{}
	for group, names := range c.Console.OIDC.Roles {
		for _, name := range names {
			groups[group] = append(groups[group], access.Role(name))
		}
	}
	return access.NewDoor(d.office.store, store.NewID, access.Setup{Groups: groups})
}

// sessions are kept in the store, so that a daemon that starts anew knows them.
func (d *daemon) sessions(c config.Console) *scs.SessionManager {
	if d.blank == nil {
		d.blank = scs.New() // once: each has a store of its own, which tidies up for ever
	}
	with := *d.blank
	s := &with
	s.Store = access.Sessions{Store: d.office.store, Now: time.Now}
	s.Lifetime, s.IdleTimeout = c.Longest, c.Idle
	s.Cookie.Name, s.Cookie.Persist, s.Cookie.SameSite = "dateline", false, http.SameSiteLaxMode
	if secure(c) {
		s.Cookie.Name, s.Cookie.Secure = "__Host-dateline", true
	}
	s.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, err error) {
		d.log.Error("a session could not be read or kept", "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "The store does not answer, so nobody can be told from a stranger. Nothing was done; try again in a moment.", http.StatusServiceUnavailable)
	}
	return s
}

// consoleOffice is what the console works with now.
func (d *daemon) consoleOffice() console.Office {
	c := d.current.Load()
	now := office{config: c, store: d.office.store, keys: d.office.keys, sign: d.office.sign}
	d.mu.Lock()
	defer d.mu.Unlock()
	return console.Office{Config: c, Desk: now.desk(), Refused: d.refused}
}

// certified shows the certificate as its files have it: they are read anew once
// they have changed. Of a pair that cannot be read the one before stays in use.
func certified(cert, key string) *tls.Config {
	var mu sync.Mutex
	var shown *tls.Certificate
	var read time.Time
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		info, err := os.Stat(cert)
		if err == nil && (shown == nil || info.ModTime().After(read)) {
			var pair tls.Certificate
			if pair, err = tls.LoadX509KeyPair(cert, key); err == nil {
				shown, read = &pair, info.ModTime()
			}
		}
		if shown == nil {
			return nil, err
		}
		return shown, nil
	}}
}
