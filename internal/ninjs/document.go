package ninjs

// The form of a document, in the order in which it is written. Names and
// meanings are those of the ninjs 3.2 schema.
type document struct {
	Standard           standard      `json:"standard"`
	URI                string        `json:"uri"`
	Type               string        `json:"type"`
	RepresentationType string        `json:"representationType"`
	Version            string        `json:"version"`
	FirstCreated       string        `json:"firstCreated"`
	VersionCreated     string        `json:"versionCreated"`
	EmbargoedUntil     string        `json:"embargoedUntil,omitempty"`
	PubStatus          Status        `json:"pubStatus"`
	EdNote             string        `json:"edNote,omitempty"`
	UsageTerms         string        `json:"usageTerms,omitempty"`
	Language           string        `json:"language"`
	Slugline           string        `json:"slugline"`
	Title              string        `json:"title,omitempty"`
	Genres             []named       `json:"genres,omitempty"`
	By                 string        `json:"by,omitempty"`
	Located            string        `json:"located,omitempty"`
	Headlines          []headline    `json:"headlines,omitempty"`
	Bodies             []body        `json:"bodies,omitempty"`
	Events             []named       `json:"events,omitempty"`
	InfoSources        []infoSource  `json:"infoSources,omitempty"`
	Associations       []association `json:"associations,omitempty"`
}

type standard struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Schema  string `json:"schema"`
}

type named struct {
	Name string `json:"name"`
}

type headline struct {
	Role        string `json:"role"`
	ContentType string `json:"contentType"`
	Value       string `json:"value"`
}

type body struct {
	Role        string `json:"role"`
	ContentType string `json:"contentType"`
	CharCount   int    `json:"charCount,omitempty"`
	WordCount   int    `json:"wordCount,omitempty"`
	Value       string `json:"value"`
}

type infoSource struct {
	Name        string    `json:"name"`
	Role        string    `json:"role,omitempty"`
	ContactInfo []contact `json:"contactInfo,omitempty"`
}

// contact has either a value or an address, never both.
type contact struct {
	Type    string   `json:"type"`
	Role    string   `json:"role,omitempty"`
	Lang    string   `json:"lang,omitempty"`
	Name    string   `json:"name,omitempty"`
	Value   string   `json:"value,omitempty"`
	Address *address `json:"address,omitempty"`
}

type address struct {
	Lines []string `json:"lines"`
}

type association struct {
	Name       string      `json:"name"`
	Rel        string      `json:"rel"`
	URI        string      `json:"uri"`
	Renditions []rendition `json:"renditions,omitempty"`
}

type rendition struct {
	Name  string `json:"name"`
	Href  string `json:"href"`
	Title string `json:"title,omitempty"`
}
