package cli

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/press"
	"dateline/internal/remote"
)

// Where a daemon on another machine is, and what opens it.
const (
	remoteURL       = "DATELINE_URL"
	remoteToken     = "DATELINE_TOKEN"      //nolint:gosec // a variable's name
	remoteTokenFile = "DATELINE_TOKEN_FILE" //nolint:gosec // likewise
)

// far is the daemon that DATELINE_URL names, or nil where there is none and the
// command works with the config folder.
func (a *app) far() (*remote.Daemon, error) {
	address, ok := a.getenv(remoteURL)
	if !ok || strings.TrimSpace(address) == "" {
		return nil, nil //nolint:nilnil // there is none, and that is no fault
	}
	token, _ := a.getenv(remoteToken)
	if path, ok := a.getenv(remoteTokenFile); ok && token == "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", remoteTokenFile, err)
		}
		token = string(text)
	}
	d, err := remote.New(address, token)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", remoteURL, err)
	}
	return d, nil
}

func releasePath(slug, what string) string { return "/releases/" + url.PathEscape(slug) + "/" + what }

func farStatus(ctx context.Context, d *remote.Daemon, only string) (ledger.Status, error) {
	path := "/status"
	if only != "" {
		path = releasePath(only, "status")
	}
	var s ledger.Status
	err := d.Ask(ctx, http.MethodGet, path, nil, nil, &s)
	return s, err
}

func farPlan(ctx context.Context, d *remote.Daemon, slug string, releaseNow bool) (desk.Planned, error) {
	var v desk.View
	err := d.Ask(ctx, http.MethodGet, releasePath(slug, "plan"), url.Values{"release_now": {strconv.FormatBool(releaseNow)}}, nil, &v)
	return v.Planned, err
}

// farApprove says yes; its error is desk.Waits where others must say it, too.
func farApprove(ctx context.Context, d *remote.Daemon, yes desk.Yes) (press.Approval, error) {
	var answer struct {
		press.Approval
		Said   []press.SaidYes `json:"said_yes"`
		Wanted int             `json:"wanted"`
	}
	body := map[string]any{"digest": yes.Digest, "release_now": yes.ReleaseNow, "reason": yes.Reason}
	err := d.Ask(ctx, http.MethodPost, releasePath(yes.Release, "approve"), nil, body, &answer)
	if err == nil && answer.Wanted > 0 {
		err = desk.Waits{Release: answer.Release, Digest: answer.Digest, Said: answer.Said, Wanted: answer.Wanted}
	}
	return answer.Approval, err
}

// farAct holds, resumes or kills.
func farAct(ctx context.Context, d *remote.Daemon, what, slug, why string) (ledger.Release, error) {
	var r ledger.Release
	err := d.Ask(ctx, http.MethodPost, releasePath(slug, what), nil, map[string]any{"why": why}, &r)
	return r, err
}

// farDeliveries reads what a question picks, page by page.
func farDeliveries(ctx context.Context, d *remote.Daemon, asked map[string][]string) iter.Seq2[press.DeliveryRow, error] {
	return func(yield func(press.DeliveryRow, error) bool) {
		query := url.Values(asked)
		for {
			var page press.DeliveryPage
			if err := d.Ask(ctx, http.MethodGet, "/deliveries", query, nil, &page); err != nil {
				yield(press.DeliveryRow{}, err)
				return
			}
			for _, r := range page.Rows {
				if !yield(r, nil) {
					return
				}
			}
			if !page.More {
				return
			}
			query.Set("after", page.Next.String())
		}
	}
}

func farDelivery(ctx context.Context, d *remote.Daemon, id press.ID) (press.DeliveryTrail, error) {
	var t press.DeliveryTrail
	err := d.Ask(ctx, http.MethodGet, "/deliveries/"+id.String(), nil, nil, &t)
	return t, err
}
