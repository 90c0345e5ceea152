package dsn

import "strings"

// bounceSigns weighs whether a message without a delivery status is a bounce:
// who sends it, what its subject says, and whether its words say why.
func (msg *message) bounceSigns() sign {
	if msg.head.has("x-failed-recipients") || msg.kind == "multipart/report" {
		return certain
	}
	from := searchIn(strings.ToLower(msg.head.text("from")))
	subject := searchIn(normal(msg.head.text("subject")))
	words := searchIn(normal(cut(msg.words, maxJudged)))
	daemon := from.holds(daemons)
	failed := subject.holds(failureSubjects)
	opening := words.holds(failureWords)
	empty := strings.TrimSpace(msg.head.get("return-path")) == "<>"
	_, at := findCode(cut(msg.words, maxJudged))
	switch {
	case from.holds(strictDaemons) && (failed || at >= 0):
		return surely
	case daemon && (failed || opening || at >= 0):
		return certain
	case failed && (opening || at >= 0 || empty || len(msg.copy) > 0):
		return certain
	case opening && len(msg.copy) > 0:
		return certain
	case daemon && (verdict(words) || len(msg.copy) > 0), opening && (at >= 0 || empty), failed:
		return likely
	}
	return unlikely
}
