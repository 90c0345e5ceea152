package api

// Endpoints are the methods and paths that are answered.
func Endpoints() []string {
	var all []string
	for _, e := range endpoints() {
		all = append(all, e.method+" "+e.path)
	}
	return all
}
