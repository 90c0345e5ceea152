package config

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// inConsole is the good folder with these lines in its dateline.yaml.
func inConsole(t *testing.T, lines string) map[string]string {
	t.Helper()
	files := good(t)
	files["cert.pem"], files["key.pem"] = pair(t)
	files["secret.txt"] = "provider's secret\n"
	files["dateline.yaml"] = lines + files["dateline.yaml"]
	return files
}

func TestConsole(t *testing.T) {
	base := Console{Listen: "127.0.0.1:8025", Idle: time.Hour, Longest: 12 * time.Hour, LiveLimit: 100}
	for name, c := range map[string]struct {
		lines string
		want  func(c *Console, dir string)
	}{
		"nothing": {"", func(*Console, string) {}},
		"off":     {"console: {listen: off}\n", func(c *Console, _ string) { c.Listen = "" }},
		"everything": {`console:
  listen: 0.0.0.0:443
  url: https://dateline.example.org/
  tls: {cert_file: cert.pem, key_file: key.pem}
  trusted_proxies: [10.0.0.1]
  session: {idle: 10m, longest: 2h}
  live_limit: 7
  oidc:
    issuer: https://id.example.org/realms/press
    client_id: dateline
    client_secret: ${RELAY_PASSWORD}
    groups_claim: roles
    roles: {Press Office: [editor, approver], on-call: [operator]}
`, func(c *Console, dir string) {
			*c = Console{
				Listen: "0.0.0.0:443", URL: "https://dateline.example.org", Cert: place(dir, "cert.pem"), Key: place(dir, "key.pem"),
				Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}, Idle: 10 * time.Minute, Longest: 2 * time.Hour, LiveLimit: 7,
				OIDC: OIDC{
					Issuer: "https://id.example.org/realms/press", ClientID: "dateline", ClientSecret: NewSecret("relay secret"), GroupsClaim: "roles", Name: "id.example.org",
					Roles: map[string][]string{"Press Office": {"editor", "approver"}, "on-call": {"operator"}},
				},
			}
		}},
		"a provider on this machine": {`console: {url: "https://d.example", oidc: {issuer: "http://127.0.0.1:9000", client_id: d, client_secret_file: secret.txt, roles: {g: [viewer]}, name: Company}}` + "\n", func(c *Console, _ string) {
			c.URL = "https://d.example"
			c.OIDC = OIDC{Issuer: "http://127.0.0.1:9000", ClientID: "d", ClientSecret: NewSecret("provider's secret"), GroupsClaim: "groups", Name: "Company", Roles: map[string][]string{"g": {"viewer"}}}
		}},
		"behind a proxy": {`console: {listen: ":8025", url: "https://d.example", trusted_proxies: [10.0.0.0/8]}` + "\n", func(c *Console, _ string) {
			c.Listen, c.URL, c.Proxies = ":8025", "https://d.example", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		}},
		"its usual address is another's": {"optout: {url: \"https://o.example\", listen: \":8025\"}\n", func(c *Console, _ string) { c.Listen = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, inConsole(t, c.lines))
			got, err := Load(dir, shipped(), environment)
			if err != nil {
				t.Fatal(err)
			}
			want := base
			c.want(&want, dir)
			if !reflect.DeepEqual(got.Console, want) {
				t.Errorf("the console is\n%+v\nwant\n%+v", got.Console, want)
			}
		})
	}
}

func TestConsoleFaults(t *testing.T) {
	const oidc = `issuer: "https://id.example", client_id: d, client_secret_file: secret.txt, roles: {g: [viewer]}`
	for name, c := range map[string]struct {
		lines string
		want  []string
	}{
		"empty":                   {"console:\n", []string{"1:1: `console` is empty"}},
		"unknown key":             {"console: {rows: 5}\n", []string{"1:11: unknown key `rows`"}},
		"nothing to listen at":    {"console: {listen: here}\n", []string{"1:19: `here` is nothing to listen at"}},
		"in the open":             {"console: {listen: \"10.0.0.5:80\"}\n", []string{"1:19: the console would be served at `10.0.0.5:80` in plain HTTP"}},
		"everywhere, in the open": {"console: {url: \"https://d.example\", listen: \":80\"}\n", []string{"1:45: the console would be served at `:80` in plain HTTP"}},
		"no https":                {"console: {url: \"http://d.example\"}\n", []string{"1:16: `http://d.example` is no https address"}},
		"a query":                 {"console: {url: \"https://d.example?x\"}\n", []string{"1:16: `https://d.example?x` has a `?` or a `#`"}},
		"half a pair":             {"console: {tls: {cert_file: cert.pem}}\n", []string{"1:16: `tls` has no `key_file`"}},
		"no pair":                 {"console: {tls: {cert_file: cert.pem, key_file: secret.txt}}\n", []string{"1:48: `cert_file` and `key_file` are no pair"}},
		"no file":                 {"console: {tls: {cert_file: none.pem, key_file: key.pem}}\n", []string{"1:28: `cert_file` cannot be used: there is no such file"}},
		"sessions":                {"console: {session: {idle: 13h}}\n", []string{"1:27: `idle` is longer than `longest`"}},
		"sessions' end":           {"console: {session: {longest: 30m}}\n", []string{"1:30: `longest` is shorter than `idle`"}},
		"short sessions":          {"console: {session: {idle: 5s, longest: 1000h}}\n", []string{"1:27: `5s` does not fit", "1:40: `1000h` does not fit"}},
		"no browsers":             {"console: {live_limit: 0}\n", []string{"1:23: "}},
		"oidc without a url":      {"console: {oidc: {" + oidc + "}}\n", []string{"1:17: `oidc` stands without `url`"}},
		"an empty oidc":           {"console: {url: \"https://d.example\", oidc: {name: x}}\n", []string{"1:43: `oidc` has no `issuer`", "1:43: `oidc` has no `client_id`", "1:43: `oidc` has no `roles`", "1:43: `oidc` has no secret"}},
		"two secrets":             {"console: {url: \"https://d.example\", oidc: {client_secret: \"${RELAY_PASSWORD}\", " + oidc + "}}\n", []string{": `client_secret` and `client_secret_file` stand together"}},
		"a secret in the folder":  {"console: {url: \"https://d.example\", oidc: {issuer: \"https://id.example\", client_id: d, client_secret: hunter22, roles: {g: [viewer]}}}\n", []string{": a client secret may not stand in the config folder"}},
		"an issuer in the open":   {"console: {url: \"https://d.example\", oidc: {issuer: \"http://id.example\", client_id: d, client_secret_file: secret.txt, roles: {g: [viewer]}}}\n", []string{": `http://id.example` is no https address"}},
		"roles": {
			"console: {url: \"https://d.example\", oidc: {issuer: \"https://id.example\", client_id: d, client_secret_file: secret.txt, roles: {a: [editer], b: [], c: [viewer, viewer]}}}\n",
			[]string{"`editer` is not known here; did you mean `editor`?", "the list is empty", "`viewer` stands here a second time"},
		},
		"no roles":               {"console: {url: \"https://d.example\", oidc: {issuer: \"https://id.example\", client_id: d, client_secret_file: secret.txt, roles: {}}}\n", []string{"nobody could sign in"}},
		"another's address":      {"console: {listen: \"127.0.0.1:8026\"}\noptout: {url: \"https://o.example\", listen: \":8026\"}\n", []string{"1:19: something else listens at `127.0.0.1:8026` already"}},
		"its own, and another's": {"console: {live_limit: 5}\noptout: {url: \"https://o.example\", listen: \"127.0.0.1:8025\"}\n", []string{"1:10: something else listens at `127.0.0.1:8025` already"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := faultLines(t, write(t, inConsole(t, c.lines)))
			if len(got) != len(c.want) {
				t.Errorf("faults:\n%s\nwant %q", strings.Join(got, "\n"), c.want)
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, want) }) {
					t.Errorf("faults:\n%s\nwant %q", strings.Join(got, "\n"), want)
				}
			}
			if all := strings.Join(got, "\n"); strings.Contains(all, "hunter22") || strings.Contains(all, "provider's secret") {
				t.Errorf("a fault shows a secret: %s", all)
			}
		})
	}
}

func TestApprovalPolicies(t *testing.T) {
	files := good(t)
	apply(t, files, "dateline.yaml\n< policies:\n> policies:\n>   approvals: 2\n>   approve_own: true\n")
	c, err := Load(write(t, files), shipped(), environment)
	if err != nil || c.Policies.Approvals != 2 || !c.Policies.ApproveOwn {
		t.Errorf("the policies are %+v, %v", c.Policies, err)
	}
	files = good(t)
	apply(t, files, "dateline.yaml\n< policies:\n> policies:\n>   approvals: 6\n")
	if got := faultLines(t, write(t, files)); len(got) != 1 || !strings.Contains(got[0], "from 1 to 5") {
		t.Errorf("faults: %q", got)
	}
}
