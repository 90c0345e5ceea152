package press

import (
	"fmt"
	"strings"
)

// ParseDomain reads a mail domain and gives its lower-case ASCII form, as
// Address.Domain has it.
func ParseDomain(s string) (string, error) {
	s = strings.TrimSpace(s)
	ascii, err := asciiDomain(s)
	if err != nil {
		return "", fmt.Errorf("%q is no mail domain: %w; one such as mail.ru is wanted", s, err)
	}
	return ascii, nil
}
