package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/proofs"
)

// previewAddress is where `preview --serve` listens if nothing else is told.
const previewAddress = "127.0.0.1:8026"

// servePreview serves every copy of a release as a page that follows the folder,
// until the context ends. The last of the addresses is where.
func (a *app) servePreview(ctx context.Context, of desk.PreviewOf, addresses []string) error {
	asked := addresses[len(addresses)-1]
	if _, _, err := net.SplitHostPort(asked); err != nil {
		return misuse{fmt.Errorf("%q is no address to listen at; a host and a port are wanted, such as %s", asked, previewAddress), "dateline preview"}
	}
	log := newLog(a.Err, false)
	changes, err := watchFolder(ctx, a.config, log) // first: what changes from here on is seen
	if err != nil {
		return err
	}
	p, wrong := a.proofs(of)
	if faults := (press.Faults{}); wrong != nil && !errors.As(wrong, &faults) {
		return wrong // there is no such release, say
	}
	l, err := previewListener(ctx, asked)
	if err != nil {
		return err
	}
	live, err := proofs.NewLive(asked, l.Addr(), log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := showOrFail(live, p, wrong); err != nil {
		return errors.Join(err, l.Close())
	}
	if err := a.sayServed(l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	go a.followFolder(ctx, live, of, changes, log)
	return servePage(ctx, l, live, log)
}

// previewListener listens where it was told, or if nothing was told and that is
// taken, at a free port.
func previewListener(ctx context.Context, asked string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", asked)
	if errors.Is(err, syscall.EADDRINUSE) && asked == previewAddress {
		l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("serving the preview: %w", err)
	}
	return l, nil
}

func (a *app) sayServed(at net.Addr) error {
	url := "http://" + at.String() + "/"
	if a.json {
		return a.printJSON(map[string]string{"url": url})
	}
	a.say("The proofs are at  "+bold(url), "They follow the folder; Ctrl-C ends it.")
	return nil
}

// followFolder shows the folder as it changes.
func (a *app) followFolder(ctx context.Context, live *proofs.Live, of desk.PreviewOf, changes <-chan struct{}, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes:
			p, wrong := a.proofs(of)
			if err := showOrFail(live, p, wrong); err != nil {
				log.Error("the proofs could not be shown", "error", err)
			}
		}
	}
}

func showOrFail(live *proofs.Live, p desk.Proofs, wrong error) error {
	if wrong != nil {
		return live.Fail(wrong)
	}
	return live.Show(p)
}
