package ninjs

import (
	"strings"
)

// infoSources are the sender, then those whom journalists may ask.
func (in Input) infoSources() ([]infoSource, error) {
	lang := in.Edition.Lang
	sender, err := in.sender()
	all := []infoSource{sender}
	for _, m := range in.Release.MediaContacts {
		s := infoSource{Name: m.Name.In(lang), Role: "media contact"}
		role := m.Role.In(lang)
		if m.Email != "" {
			s.ContactInfo = append(s.ContactInfo, contact{Type: "email", Role: "press", Lang: string(lang), Name: role, Value: string(m.Email)})
		}
		if m.Phone != "" {
			s.ContactInfo = append(s.ContactInfo, contact{Type: "phone", Role: "press", Lang: string(lang), Name: role, Value: m.Phone})
		}
		all = append(all, s)
	}
	return all, err
}

// sender is who sends the story, with the address that answers go to.
func (in Input) sender() (infoSource, error) {
	s, lang := in.Sender, in.Edition.Lang
	email := s.ReplyTo
	if email == "" {
		email = s.From
	}
	out := infoSource{Name: s.Organisation.In(lang), ContactInfo: []contact{
		{Type: "email", Role: "press", Lang: string(lang), Name: s.Name.In(lang), Value: string(email)},
	}}
	var err error
	if s.Website != "" {
		var site string
		if site, err = link("the sender's website", s.Website); err == nil {
			out.ContactInfo = append(out.ContactInfo, contact{Type: "web", Value: site})
		}
	}
	if lines := lines(s.Address.In(lang)); len(lines) > 0 {
		out.ContactInfo = append(out.ContactInfo, contact{Type: "address", Lang: string(lang), Address: &address{Lines: lines}})
	}
	return out, err
}

func lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
