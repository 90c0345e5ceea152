package cli

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"dateline/internal/access"
	"dateline/internal/config"
)

// The roles that the config may name are those that there are.
func TestRolesOfTheConfig(t *testing.T) {
	var roles []string
	for _, r := range access.Roles() {
		roles = append(roles, string(r))
	}
	if !slices.Equal(roles, config.RoleNames()) {
		t.Errorf("the config knows the roles %q, and there are %q", config.RoleNames(), roles)
	}
}

func TestPasswordIsTypedTwice(t *testing.T) {
	gone := errors.New("the terminal is gone")
	for _, c := range []struct {
		typed []string
		want  string
		fails string
	}{
		{[]string{"a long phrase", "a long phrase"}, "a long phrase", ""},
		{[]string{"a long phrase", "a long phrasé"}, "", "differ"},
		{[]string{"a long phrase"}, "", gone.Error()},
		{nil, "", gone.Error()},
	} {
		typed := c.typed
		got, err := askTwice(io.Discard, func() ([]byte, error) {
			if len(typed) == 0 {
				return nil, gone
			}
			next := typed[0]
			typed = typed[1:]
			return []byte(next), nil
		})
		if got != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%q gives %q, %v", c.typed, got, err)
		}
	}
}
