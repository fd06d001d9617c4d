package millrace

// Ids of one side of a channel: they rise by two, wrap at 2^32, and skip 0 and ids still open.
// Rules call-id-rising and call-id-open-skipped.

// nextCallID is the id that follows last in the same parity. Never 0.
func nextCallID(last uint32) uint32 {
	if next := last + 2; next != 0 {
		return next
	}
	return 2
}

// isAfter says whether id comes after last on the circle of 32-bit ids: less than half a turn ahead.
// An id that does not was used before, or never will have been.
func isAfter(id, last uint32) bool {
	ahead := id - last
	return ahead != 0 && ahead < 1<<31
}
