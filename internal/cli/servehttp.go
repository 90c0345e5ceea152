package cli

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// mostVisitors is how many connections each address takes at once over HTTP.
// Further ones wait until one of them is done; the times of httpServer see to
// that. A few listeners full of strangers must not use up the descriptors that
// the store and the relays need (packaging/dateline.service allows 8192).
const mostVisitors = 500

// httpServer is the one server that every address is answered by. The bounds of
// what a request may carry are its page's own: webpage.ReadForm, the webhooks'
// MaxBytes, the words of package api.
func httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// site is what is answered at an address.
type site struct {
	pages http.Handler
	tls   *tls.Config // nil: in the clear
	letGo func()      // lets those go in the end who wait for a long answer; nil: nobody does
}

// serveHTTP answers until the context ends.
func serveHTTP(ctx context.Context, l net.Listener, of site, log *slog.Logger) error {
	server := httpServer(of.pages, log)
	if of.letGo != nil {
		server.RegisterOnShutdown(of.letGo)
	}
	l = netutil.LimitListener(l, mostVisitors)
	if of.tls != nil {
		l = tls.NewListener(l, of.tls) // outermost: the server wants to know TLS when it sees it
	}
	answered := make(chan struct{})
	unwatched := context.AfterFunc(ctx, func() {
		defer close(answered)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(last) // what is not answered by then comes again
	})
	err := server.Serve(l)
	if unwatched() {
		return err
	}
	<-answered
	return nil
}

// servePage answers until the context ends, and then breaks off: a page that is
// open waits for a change, and nothing is lost with it.
func servePage(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := httpServer(h, log)
	broken := make(chan error, 1)
	running := context.AfterFunc(ctx, func() { broken <- server.Close() })
	err := server.Serve(netutil.LimitListener(l, mostVisitors))
	if running() {
		return err
	}
	return <-broken
}
