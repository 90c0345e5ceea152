// Package access knows who may do what: roles and the rights that they give.
package access
