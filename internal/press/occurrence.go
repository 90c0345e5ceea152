package press

import (
	"fmt"
	"regexp"
	"strings"
)

// occurrenceForm is a day, or a day and a time where a rule may fire more than
// once on it.
var occurrenceForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{4})?$`)

// SplitOccurrence parts the slug of an occurrence, such as
// advisory@2027-03-08, into that of its release and its own name. The slug of a
// release that is no occurrence comes back whole.
func SplitOccurrence(slug string) (release, occurrence string) {
	release, occurrence, _ = strings.Cut(slug, "@")
	return release, occurrence
}

// OccurrenceSlug is the slug of an occurrence.
func OccurrenceSlug(release, occurrence string) string { return release + "@" + occurrence }

// CheckOccurrence says what is wrong with the slug of an occurrence. It does
// not know whether the release has it.
func CheckOccurrence(slug string) error {
	release, occurrence, ok := strings.Cut(slug, "@")
	if !ok || CheckSlug(release) != nil || !occurrenceForm.MatchString(occurrence) {
		return fmt.Errorf("%q names no occurrence; a release and a day are wanted, such as advisory@2027-03-08, or a day and a time, such as advisory@2027-03-08T0900", slug)
	}
	return nil
}
