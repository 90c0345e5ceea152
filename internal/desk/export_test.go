package desk

// WithPictures is withPictures, for tests with messages of their own.
var WithPictures = withPictures
