package config

import (
	"fmt"
	"strings"
)

// Reference is the reference of the config folder in Markdown, made of the
// tables that read it. docs/config.md is a copy of it.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	b.WriteString("\n## dateline.yaml\n\nWhat holds for all releases.\n")
	describe(&b, "", mainKeys())
	describe(&b, "A relay, in `relays`", relayKeys())
	b.WriteString("\nOne of `password` and `password_file` goes with `username`, and neither without it.\n")
	describe(&b, "A route, in `routes`", routeKeys())
	b.WriteString("\nWith both, a recipient must fit both.\n")
	describe(&b, "A mailbox, in `mailboxes`", mailboxKeys())
	b.WriteString("\nA key that names kinds is for those alone. A message is taken away only when what it says is in the store; of the two ways to a secret one is wanted. [bounces.md](bounces.md) tells what comes of it.\n")
	describe(&b, "`webhooks`", webhooksKeys())
	describe(&b, "`optout`", optOutKeys())
	describe(&b, "`console`", consoleKeys())
	b.WriteString("\nAt an address that others can reach, the console wants `tls`, or `url` and `trusted_proxies` where a proxy before it has the certificate. [Decision 0026](decisions/0026-access.md) tells who may do what.\n")
	describe(&b, "`tls`, in `console`", consoleTLSKeys())
	describe(&b, "`session`, in `console`", sessionKeys())
	describe(&b, "`oidc`, in `console`", oidcKeys())
	b.WriteString("\nOne of `client_secret` and `client_secret_file` is wanted.\n")
	describe(&b, "`contacts`", contactsKeys())
	describe(&b, "A sender, in `senders`", senderKeys())
	describe(&b, "A key, in a sender's `dkim`", dkimKeys())
	describe(&b, "A sender's `smime`", smimeKeys())
	describe(&b, "`policies`", policyKeys())
	describe(&b, "`bounces`, in `policies`", bouncesKeys())
	describe(&b, "`retention`, in `policies`", retentionKeys())
	describe(&b, "`lint`", lintKeys())
	b.WriteString("\nAn error keeps a release from being approved; a warning is for a person to weigh.\n")
	b.WriteString("\n## lists.yaml\n\nThe file may be missing where no release is sent to a list.\n")
	describe(&b, "", listsKeys())
	describe(&b, "A list, in `lists`", listKeys())
	b.WriteString("\nA list has a filter, an `include` or `all: true`. A contact is picked where every filter that the list has fits, and of each filter any one value is enough.\n")
	b.WriteString(referenceHolidays)
	b.WriteString("\n## releases/SLUG/release.yaml\n\nEach release is a folder; the folder's name is the release's.\n")
	describe(&b, "", releaseKeys())
	describe(&b, "`event`", eventKeys())
	describe(&b, "`dateline`", placeKeys())
	describe(&b, "`recurs`", recurKeys())
	b.WriteString(referenceRecurs)
	describe(&b, "A send, in `sends`", sendKeys())
	describe(&b, "A media contact, in `media_contacts`", mediaContactKeys())
	describe(&b, "A document, in `background`", backgroundKeys())
	b.WriteString(referenceEditions)
	describe(&b, "", editionKeys())
	b.WriteString(referenceTail)
	return b.String()
}

// describe writes one table of keys.
func describe[T any](b *strings.Builder, title string, keys []key[T]) {
	if title != "" {
		fmt.Fprintf(b, "\n### %s\n", title)
	}
	b.WriteString("\n| key | value | default | meaning |\n|---|---|---|---|\n")
	for _, k := range keys {
		preset := k.preset
		if preset == "" {
			preset = "none"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", k.name, k.form, preset, k.doc)
	}
}

const referenceHead = `# The config folder

<!-- Made by config.Reference from the tables that read the folder; go test ./internal/config -update writes it. -->

A config folder is files under review: YAML and Markdown, in UTF-8, each at most 1 MiB. Everything that is wrong in it is told at once, with file, line and column. An unknown key is wrong, as is a key that stands twice, a YAML or Markdown file that nothing would read (a README excepted), a link that leads out of the folder, and a control character.

| path | what it is |
|---|---|
| ` + "`dateline.yaml`" + ` | store, relays, mailboxes, senders, policies |
| ` + "`lists.yaml`" + ` | the saved audiences |
| ` + "`holidays.yaml`" + ` | public holidays, for the calendar |
| ` + "`releases/SLUG/release.yaml`" + ` | one release |
| ` + "`releases/SLUG/LANGUAGE.md`" + ` | one edition of it |
| ` + "`templates/…`" + ` | the team's own in place of templates that ship, and ` + "`templates/phrases/LANGUAGE.yaml`" + ` |

## Values

| value | how it is written |
|---|---|
| a name | up to 64 small letters, digits and single hyphens: ` + "`tashkent-2022`" + ` |
| a line | text without line ends |
| a text | a line that holds for all languages, or a map from a language to a line; the map then has every language that the release has an edition in |
| an address | ` + "`name@example.org`" + `, without a display name |
| a language | a BCP 47 tag: ` + "`ru`, `uz-Cyrl`" + ` |
| a country | two letters of ISO 3166-1: ` + "`UZ`" + ` |
| a time zone | an IANA name: ` + "`Asia/Tashkent`" + ` |
| a date | ` + "`2027-03-04`" + ` |
| a moment | date, time and zone: ` + "`2027-03-04 18:00 Asia/Tashkent`" + `; a wall time that the zone skips or has twice is refused |
| a wall time | date and time without a zone: ` + "`2027-03-05T09:00`" + ` |
| hours | two times of day, the second on the next day where it is the earlier one: ` + "`22:00-07:00`" + ` |
| a duration | numbers with units: ` + "`30s`, `2m`, `1h30m`" + ` |
| a size | a whole number with ` + "`KiB`, `MiB` or `GiB`: `256MiB`" + ` |
| a percentage | a number above 0 and up to 100 with ` + "`%`: `10%`" + ` |
| a rate | a whole number with ` + "`/s`, `/min` or `/h`: `20/min`" + ` |
| a mail domain | what stands behind the @: ` + "`mail.ru`" + ` |
| an https address | ` + "`https://example.org/page`" + ` |
| a file, a folder | a path; a relative one starts at the config folder |
| ` + "`${VARIABLE}`" + ` | a variable of the environment, in ` + "`store`, `password`, `signing_key` and `client_secret`" + ` alone; one that is not set is wrong. Within a postgres URL its value is escaped |
`

const referenceRecurs = `
Each time that the rule has is an occurrence: a release of its own, with an approval of its own, whose embargo lifts at that instant. It is named by its day, ` + "`advisory@2027-03-08`" + `, or by day and time, ` + "`advisory@2027-03-08T0900`" + `, where the rule may come more than once a day; ` + "`advisory`" + ` alone means the next one. Its texts are those that lie in the folder, so somebody edits them for each occurrence and approves it. Sends are ` + "`at: lift`, or `at: lift-DURATION`" + ` for advance ones.

Where clocks change, every wall time that the rule has happens, and happens once: one that the zone skips happens at the first instant after the gap, and one that comes twice happens at the first. Wall times that so fall together are one occurrence. ` + "`TZ=`, `@every`" + ` and seconds are refused.
`

const referenceEditions = `
An advance send lies before the lift, a general one or a follow-up at the lift or later, and with ` + "`embargo: none`" + ` there is no advance send.

A file that mails carry lies in the release's folder. An attachment or a background document is PDF, DOCX, XLSX, PPTX, ODT, ODS, JPEG, PNG, GIF, or TXT or CSV in UTF-8, of at most 10 MiB; a picture in a text, ` + "`![what it shows](picture.jpg \"a caption\")`" + `, is JPEG, PNG or GIF of at most 1 MiB. A file's content has to be what its name says. One mail carries at most 14 MiB, which is some 19 MB on its way; link to what is larger.

## releases/SLUG/LANGUAGE.md

An edition is named by the canonical tag of its language. A line ` + "`---`" + `, the keys below, a line ` + "`---`" + `, and the text in Markdown.
`

const referenceTail = `
## templates/

A file here takes the place of the one of the same path that ships. A path that does not ship is wrong, but for ` + "`phrases/LANGUAGE.yaml`" + `, which adds a language.
`
