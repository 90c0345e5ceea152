package testenv

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"
)

// PostgresVariable names the environment variable with the URL of a server
// whose user may create databases. Postgres uses that server where it is set.
const PostgresVariable = "DATELINE_TEST_POSTGRES"

// patience bounds each of a test database's creation and removal.
const patience = time.Minute

// ownServer is this process's own server: started at the first use, ended by
// the end of the process. It must stay reachable as long as the process runs:
// the garbage collector would close its pipe, which ends the server.
var ownServer = sync.OnceValues(StartServer) //nolint:gochecknoglobals // one server per process, shared by its tests

// Postgres gives the URL of an empty database that only this test uses. The
// database is dropped when the test ends, whoever is still connected to it.
func Postgres(t testing.TB) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		t.Fatal(err)
	}
	name := "dateline_test_" + randomHex()
	if err := execute(server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatalf("creating a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping the test database %s: %v", name, err)
		}
	})
	database := *server
	database.Path = "/" + name
	return database.String()
}

// serverURL is the server that DATELINE_TEST_POSTGRES names, or else our own.
func serverURL() (*url.URL, error) {
	address := os.Getenv(PostgresVariable)
	if address == "" {
		server, err := ownServer()
		if err != nil {
			return nil, err
		}
		address = server.URL()
	}
	return parseServerURL(address)
}

func parseServerURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") || u.Host == "" {
		// The value may hold a password, so the message does not repeat it.
		return nil, fmt.Errorf("%s is no URL of a PostgreSQL server; it looks like postgres://user:password@host:5432/postgres?sslmode=disable", PostgresVariable)
	}
	return u, nil
}

// execute runs one statement over a connection of its own.
func execute(server *url.URL, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	connector, err := pq.NewConnector(server.String())
	if err != nil {
		return fmt.Errorf("the PostgreSQL server at %s: %w", server.Host, err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("the PostgreSQL server at %s: %w", server.Host, err)
	}
	return nil
}

// randomHex is 128 random bits.
func randomHex() string {
	b := make([]byte, 16)
	rand.Read(b) // ends the process rather than fail
	return hex.EncodeToString(b)
}
