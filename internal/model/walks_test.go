//go:build !race

package model

// usualWalks are how many walks are done to a store.
const usualWalks = 300
