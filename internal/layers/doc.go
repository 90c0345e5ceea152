// Package layers holds no code: its tests keep the shape of the project. They
// fail where a package imports what its layer must not know, where a package
// stands in no layer, and where go.mod and docs/dependencies.md differ.
package layers
