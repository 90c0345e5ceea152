package main

import (
	"regexp"
	"strings"
)

// kindOf names a licence by its text, with the name that SPDX has for it; "" is
// one that is not known here.
func kindOf(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(marks.ReplaceAllString(text, " ")), " "))
	has := func(words string) bool { return strings.Contains(text, words) }
	switch {
	case has("apache license version 2.0"):
		return "Apache-2.0"
	case has("mozilla public license version 2.0"):
		return "MPL-2.0"
	case has("gnu "):
		return "" // none of that family is allowed, whichever it is
	case has("redistribution and use in source and binary forms"):
		if has("endorse or promote products derived from this software") {
			return "BSD-3-Clause"
		}
		return "BSD-2-Clause"
	case has("permission is hereby granted, free of charge, to any person obtaining a copy") && has("shall be included in all copies or substantial portions of the software"):
		return "MIT"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"),
		has("permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"):
		return "ISC"
	case has("may you do good and not evil") || has("public domain"):
		return "public domain"
	default:
		return ""
	}
}

// marks are what Markdown and comments put around words.
var marks = regexp.MustCompile(`[*#>"` + "`" + `]+`)
