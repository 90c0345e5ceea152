package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestBuiltFrom(t *testing.T) {
	stamped := &debug.BuildInfo{Main: debug.Module{Version: "v1.4.0"}, Settings: []debug.BuildSetting{
		{Key: "CGO_ENABLED", Value: "0"}, {Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2026-11-28T03:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	where := ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	for _, c := range []struct {
		info *debug.BuildInfo
		ok   bool
		want string
	}{
		{stamped, true, "dateline v1.4.0, commit 0123456789ab of 2026-11-28T03:00:00Z, with changes that were not committed" + where},
		{&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, true, "dateline (devel)" + where},
		{&debug.BuildInfo{}, true, "dateline unknown" + where},
		{nil, false, "dateline unknown" + where},
	} {
		if got := builtFrom(c.info, c.ok).String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
