package webpage

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
)

// Style is that of the pages behind the links in mail, and of the proofs.
//
//go:embed style.css
var Style string

// Hash is the source of a content security policy that lets through one style
// or script that stands in the page.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Only refuses a method, and names those that are answered.
func Only(methods string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", methods)
		http.Error(w, "Only "+methods+" are answered here.", http.StatusMethodNotAllowed)
	}
}
