package layers

import (
	"slices"
	"strings"
)

// rule is what a package may know of the others. What only tests need (see
// testOnly) and the standard library stand outside of it, but for libraries
// and mustNot.
type rule struct {
	may       []string // packages of this module that it may import
	libraries []string // the only modules of others that it may import; nil: any
	mustNot   []string // imports that would break its promise; /... is all below too
}

// layer is one of those that docs/architecture.md tells of and draws.
type layer struct {
	number   int // 0: it stands outside of them
	name     string
	packages []string
}

// layers are from the lowest up. A package that is in none is a fault: where it
// stands is a decision, made here and nowhere else.
func layers() []layer {
	return []layer{
		{0, "files", []string{"templates", "migrations", "config"}},
		{1, "domain", []string{"internal/press", "internal/yamlfile", "internal/locale", "internal/markdown", "internal/ninjs", "internal/recur"}},
		{2, "pure", []string{
			"internal/config", "internal/contactfile", "internal/plan", "internal/compose", "internal/sign",
			"internal/starter", "internal/doctor", "internal/parity", "internal/dsn",
		}},
		{3, "adapters", []string{
			"internal/store", "internal/relay", "internal/mailbox", "internal/resolve", "internal/notify", "internal/metrics", "internal/probe",
			"internal/remote", "internal/oidc", "internal/history", "internal/journal", "internal/backup", "internal/sink",
		}},
		{4, "use cases", []string{
			"internal/desk", "internal/dispatch", "internal/bounce", "internal/roster", "internal/optout",
			"internal/ledger", "internal/receipt", "internal/alarm", "internal/access",
		}},
		{5, "faces", []string{
			"cmd/dateline", "internal/cli", "internal/console", "internal/api", "internal/unsubscribe", "internal/proofs", "internal/receipt/receiptpage",
			"internal/webpage", "internal/health",
		}},
	}
}

func layerNamed(name string) []string {
	for _, l := range layers() {
		if l.name == name {
			return l.packages
		}
	}
	panic("there is no layer " + name)
}

// table says of each package what it may know.
func table() map[string]rule {
	sql := []string{
		"database/sql", "github.com/jmoiron/sqlx/...", "github.com/lib/pq/...",
		"modernc.org/sqlite/...", "github.com/pressly/goose/v3/...",
	}
	smtp := []string{"net/smtp", "github.com/emersion/go-smtp/..."}
	http := []string{"net/http/..."}
	machine := []string{"os/...", "net", "syscall"}

	domain := layerNamed("domain")
	pure := join(layerNamed("pure"), domain)
	adapters, useCases := layerNamed("adapters"), layerNamed("use cases")
	faces := slices.DeleteFunc(layerNamed("faces"), func(pkg string) bool { return pkg == "internal/cli" || pkg == "cmd/dateline" })
	files := layerNamed("files")

	rules := map[string]rule{
		// Files that people read and edit, each with the code that embeds them.
		"templates":  {libraries: []string{}},
		"migrations": {libraries: []string{}},
		"config":     {libraries: []string{}},

		// Layer 1: the domain.
		"internal/press": {
			libraries: []string{"golang.org/x/text/language", "golang.org/x/net/idna"},
			mustNot:   join(http, smtp, sql, machine),
		},
		"internal/yamlfile": {may: []string{"internal/press"}, mustNot: join(sql, smtp, http)},
		"internal/locale":   {may: []string{"internal/press", "internal/yamlfile"}, mustNot: join(sql, smtp, http)},
		"internal/markdown": {mustNot: join(sql, smtp, http, machine)},
		"internal/recur":    {may: []string{"internal/press"}, mustNot: join(sql, smtp, http, machine)},

		// Layer 2: pure; of the packages beside them they know nothing.
		"internal/config":      {may: join(domain, []string{"templates"}), mustNot: join(sql, smtp, http)},
		"internal/contactfile": {may: domain, mustNot: join(sql, smtp, http)},
		"internal/plan":        {may: domain, mustNot: join(sql, smtp, http, machine)},
		"internal/compose":     {may: domain, mustNot: join(sql, smtp, http)},
		"internal/parity":      {may: domain, mustNot: join(sql, smtp, http, machine)},
		"internal/dsn":         {may: domain, mustNot: join(sql, smtp, http)},
		"internal/ninjs":       {may: []string{"internal/press", "internal/locale"}, libraries: []string{}, mustNot: join(sql, smtp, http, machine)},
		"internal/sign":        {mustNot: join(sql, http, machine)},
		"internal/starter":     {may: domain, mustNot: join(sql, smtp, http)},
		"internal/doctor":      {may: domain, mustNot: join(sql, smtp, machine)},

		// Layer 3: adapters; the types between them are press's.
		"internal/store":   {may: []string{"internal/press", "migrations"}, mustNot: join(smtp, http)},
		"internal/relay":   {may: []string{"internal/press"}, mustNot: join(sql, http)},
		"internal/journal": {may: []string{"internal/press"}, mustNot: join(sql, smtp, http)},
		"internal/mailbox": {may: []string{"internal/press"}, mustNot: sql},
		"internal/resolve": {may: []string{"internal/press"}, mustNot: join(sql, smtp, http)},
		"internal/probe":   {may: []string{"internal/press"}, mustNot: join(sql, smtp)},
		"internal/remote":  {may: []string{"internal/press"}, mustNot: join(sql, smtp)},
		"internal/notify":  {may: []string{"internal/press"}, mustNot: join(sql, smtp)},
		"internal/metrics": {may: []string{"internal/press"}, mustNot: join(sql, smtp)},
		"internal/sink":    {may: []string{"internal/press"}, mustNot: sql},
		"internal/oidc":    {may: []string{"internal/press"}, mustNot: join(sql, smtp)},
		"internal/history": {may: []string{"internal/press"}, mustNot: join(sql, smtp, http)},
		"internal/backup":  {may: []string{"internal/press"}, libraries: []string{}, mustNot: join(sql, smtp, http)},

		// Layer 5: faces. Only the command line puts the parts together.
		"internal/receipt/receiptpage": {may: join(domain, useCases), mustNot: join(sql, smtp, http)},
		"internal/health":              {libraries: []string{}, mustNot: join(sql, smtp)},
		"internal/webpage":             {libraries: []string{}, mustNot: join(sql, smtp)},
		"internal/unsubscribe":         {may: join(pure, useCases, []string{"internal/webpage"}), mustNot: join(sql, smtp)},
		"internal/proofs":              {may: join(pure, useCases, []string{"internal/webpage"}), mustNot: join(sql, smtp)},
		"internal/api":                 {may: join(pure, useCases, []string{"internal/webpage"}), mustNot: join(sql, smtp)},
		"internal/console":             {may: join(pure, useCases, []string{"internal/webpage", "internal/proofs", "internal/receipt/receiptpage"}), mustNot: join(sql, smtp)},
		"internal/cli":                 {may: join(pure, adapters, useCases, faces, files)},
		"cmd/dateline":                 {may: []string{"internal/cli"}, libraries: []string{}},
	}
	// Layer 4: use cases; what they need of adapters they declare themselves.
	for _, useCase := range useCases {
		rules[useCase] = rule{may: pure, mustNot: join(sql, smtp, http)}
	}
	return rules
}

// testOnly tells whether a package is there for tests and releases alone: it may import
// anything, and only its like may import it.
func testOnly(pkg string) bool {
	within := func(parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") }
	name := pkg[strings.LastIndexByte(pkg, '/')+1:]
	return within("bench") || within("packaging") || within("internal/testenv") || within("internal/layers") || within("internal/model") || strings.HasSuffix(name, "test")
}

func join(lists ...[]string) []string {
	var all []string
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}
