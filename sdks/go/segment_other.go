//go:build !linux

package millrace

// openSegment: there are no sealed memory files here.
func openSegment(string) *segment { return nil }
