package cli_test

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/store"
)

// storeOf is the URL of the script's store.
func storeOf(ts *testscript.TestScript) string {
	if url := ts.Getenv("DATELINE_TEST_STORE"); !strings.HasPrefix(url, "sqlite:") {
		return url
	}
	return "sqlite://" + ts.MkAbs("state/dateline.db")
}

// seal does what a daemon would do a minute later: it seals the trail.
//
//	seal
func seal(ts *testscript.TestScript, _ bool, _ []string) {
	ctx := context.Background()
	text, err := os.ReadFile(ts.MkAbs("state/keys"))
	ts.Check(err)
	ring, err := press.ParseKeyring(string(text))
	ts.Check(err)
	s, err := store.Open(ctx, storeOf(ts))
	ts.Check(err)
	defer s.Close()
	for {
		_, more, err := receipt.SealNext(ctx, s, ring, time.Now().Add(time.Hour))
		ts.Check(err)
		if !more {
			return
		}
	}
}

// tamper changes the store by hand, past the program.
//
//	tamper SQL
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tamper SQL")
	}
	driver, at := "postgres", storeOf(ts)
	if path, is := strings.CutPrefix(at, "sqlite://"); is {
		driver, at = "sqlite", "file:"+path
	}
	db, err := sql.Open(driver, at)
	ts.Check(err)
	defer db.Close()
	res, err := db.ExecContext(context.Background(), args[0])
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("nothing was changed: %v", err)
	}
}
