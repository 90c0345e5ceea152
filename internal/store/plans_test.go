package store_test

import (
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/internal/testenv"
)

// A claim must not read, let alone sort, all of the queue: not right after an
// approval either, before the database has counted by itself what there is, and
// with the plan that it keeps for a prepared statement.
func TestAClaimReadsOnlyTheHeadOfTheQueue(t *testing.T) {
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		h := openHouse(t, testenv.Postgres(t))
		h.approve("tashkent", copies(5000)...)
		conn, err := h.db.Connx(t.Context())
		h.must(err)
		defer conn.Close()
		var plan []string
		for _, setting := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE due (bytea, bigint, bigint, bigint) AS " + h.db.Rebind(store.DueQuery) + " FOR UPDATE SKIP LOCKED"} {
			_, err := conn.ExecContext(t.Context(), setting)
			h.must(err)
		}
		h.must(conn.SelectContext(t.Context(), &plan, `EXPLAIN (COSTS OFF) EXECUTE due ('', 1, 1, 500)`))
		wantPlan(t, plan, "Index Scan using queue_due", "Sort", "Seq Scan", "Bitmap")
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		h := openHouse(t, "sqlite://"+filepath.Join(t.TempDir(), "dateline.db"))
		h.approve("tashkent", copies(100)...)
		var plan []string
		for _, step := range list[struct {
			ID, Parent, Notused int
			Detail              string
		}](h, `EXPLAIN QUERY PLAN `+store.DueQuery, "", 1, 1, 500) {
			plan = append(plan, step.Detail)
		}
		wantPlan(t, plan, "USING INDEX queue_due", "SCAN", "TEMP B-TREE")
	})
}

// SQLite uses a partial index only for the very words that it was made with.
func TestTheLogFindsRareStatesByTheirIndex(t *testing.T) {
	h := openHouse(t, "sqlite://"+filepath.Join(t.TempDir(), "dateline.db"))
	var plan []string
	for _, step := range list[struct {
		ID, Parent, Notused int
		Detail              string
	}](h, `EXPLAIN QUERY PLAN `+store.RareStateQuery(press.Bounced), press.ID{9}, press.ID{}, 500) {
		plan = append(plan, step.Detail)
	}
	wantPlan(t, plan, "USING COVERING INDEX events_state (state=? AND delivery_id>? AND delivery_id<?)", "SCAN", "TEMP B-TREE")
}

func wantPlan(t *testing.T, plan []string, want string, never ...string) {
	t.Helper()
	text := strings.Join(plan, "\n")
	if !strings.Contains(text, want) {
		t.Errorf("the plan has no %s:\n%s", want, text)
	}
	for _, word := range never {
		if strings.Contains(text, word) {
			t.Errorf("the plan has a %s:\n%s", word, text)
		}
	}
}
