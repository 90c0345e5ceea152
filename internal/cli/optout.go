package cli

import (
	"context"
	"net"
	"strings"
	"time"

	"dateline/internal/config"
	"dateline/internal/locale"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/unsubscribe"
)

// languagesOf are those that this installation has phrases for: what ships, with
// the folder's own over it.
func languagesOf(c *config.Config) (map[press.Lang]*locale.Language, error) {
	all := map[press.Lang]*locale.Language{}
	for name, text := range c.Templates {
		if !strings.HasPrefix(name, "phrases/") {
			continue
		}
		l, faults := locale.ParseLanguage("templates/"+name, text)
		if len(faults) > 0 {
			return nil, faults
		}
		all[l.Tag] = l
	}
	return all, nil
}

// addOptOut serves the pages behind the links in mail.
func (d *daemon) addOptOut(in *inbox, c *config.Config) error {
	languages, err := languagesOf(c)
	if err != nil {
		return err
	}
	pages, err := unsubscribe.Pages(unsubscribe.Options{
		OptOuts: optout.New(d.office.store, d.office.keys), Languages: languages, Proxies: c.OptOut.Proxies, Log: d.log, Now: time.Now,
	})
	if err != nil {
		return err
	}
	in.runners = append(in.runners, in.listening("optout", "tcp", c.OptOut.Listen, d.log, func(ctx context.Context, l net.Listener) error {
		return serveHTTP(ctx, l, site{pages: pages}, d.log)
	}))
	return nil
}
