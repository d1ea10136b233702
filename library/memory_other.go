//go:build !unix

package library

// limitMemory does nothing here: watchMemory is left.
func limitMemory() {}
