package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"dateline/internal/access"
	"dateline/internal/desk"
	"dateline/internal/press"
)

// approve says a person's yes to the plan that they saw. What it has to write is
// written beside the page, which shows how far that is.
func (c *Console) approve(ctx context.Context, slug string, form url.Values, by access.Person) (string, error) {
	yes := desk.Yes{Release: slug, Digest: form.Get("digest"), By: by.Name, Email: by.Email, Account: accountOf(by)}
	if yes.Digest == "" {
		return "", faultOf(http.StatusUnprocessableEntity, "The form names no plan, so nothing was approved.", "Open the plan, read it, and approve that.")
	}
	now := c.Now()
	if !c.jobs.begin(slug, job{By: by.Name, Since: now}) {
		return "", faultOf(http.StatusConflict, "Somebody's approval of this release is being written just now.", "Look at its page in a moment.")
	}
	d, done := c.Office().Desk, make(chan error, 1)
	go func() { done <- c.writeApproval(context.WithoutCancel(ctx), d, yes, now) }()
	patience := time.NewTimer(2 * time.Second)
	defer patience.Stop()
	select {
	case err := <-done:
		if waits := (desk.Waits{}); errors.As(err, &waits) {
			return sentence("your yes is noted: " + err.Error()), nil
		}
		if err != nil {
			c.jobs.end(slug, "")
			return "", err
		}
		return "Approved.", nil
	case <-patience.C:
		return "The approval is being written; this page says when it is in force.", nil
	}
}

// accountOf is a person's account; zero for one without.
func accountOf(by access.Person) press.ID {
	id, err := press.ParseID(by.ID)
	if err != nil {
		return press.ID{}
	}
	return id
}

func (c *Console) writeApproval(ctx context.Context, d *desk.Desk, yes desk.Yes, now time.Time) error {
	_, err := d.Approve(ctx, yes, now, func(total, n int) { c.jobs.add(yes.Release, total, n) })
	c.plans.forget()
	failed := ""
	if waits := (desk.Waits{}); err != nil && !errors.As(err, &waits) {
		var refused desk.Refused
		var faults press.Faults
		if failed = "The store did not take it; the daemon's log says more."; errors.As(err, &refused) || errors.As(err, &faults) {
			failed = sentence(err.Error())
		}
		c.Log.Error("an approval from the console came to nothing", "release", yes.Release, "error", err)
	}
	c.jobs.end(yes.Release, failed)
	c.Refresh(ctx, yes.Release)
	return err
}
