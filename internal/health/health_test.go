package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"dateline/internal/health"
)

func get(t *testing.T, h http.Handler, method string) (*httptest.ResponseRecorder, map[string]bool) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/readyz", http.NoBody))
	var body struct {
		OK     bool
		Checks map[string]struct{ OK bool }
	}
	if w.Code != http.StatusMethodNotAllowed {
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
		if body.OK != (w.Code == http.StatusOK) {
			t.Errorf("%d, and the body says %v", w.Code, body.OK)
		}
	}
	found := map[string]bool{}
	for name, c := range body.Checks {
		found[name] = c.OK
	}
	return w, found
}

func TestReadyOnlyWhereAllIsWell(t *testing.T) {
	well := func(name string) health.Check {
		return health.Check{Name: name, Ask: func(context.Context) error { return nil }}
	}
	broken := health.Check{Name: "store", Ask: func(context.Context) error { return errors.New("no route") }}
	if w, found := get(t, health.Handler(well("store"), well("config")), http.MethodGet); w.Code != http.StatusOK || !found["store"] || !found["config"] {
		t.Errorf("all is well: %d %s", w.Code, w.Body)
	}
	if w, found := get(t, health.Handler(broken, well("config")), http.MethodGet); w.Code != http.StatusServiceUnavailable || found["store"] || !found["config"] {
		t.Errorf("the store is away: %d %s", w.Code, w.Body)
	}
	if w, _ := get(t, health.Handler(well("store")), http.MethodPost); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a POST: %d", w.Code)
	}
}

// A check that hangs, and does not even heed its time, is an answer all the same.
func TestACheckThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		begun := time.Now()
		w, found := get(t, health.Handler(health.Check{Name: "store", Ask: func(context.Context) error { <-free; return nil }}), http.MethodGet)
		if w.Code != http.StatusServiceUnavailable || found["store"] || time.Since(begun) != time.Second {
			t.Errorf("%d after %s: %s", w.Code, time.Since(begun), w.Body)
		}
		close(free)
	})
}
