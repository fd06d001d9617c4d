package millrace

// assembler makes whole messages out of bytes that were cut or joined anywhere. Does no I/O.
// Follows the rule channel-reassemble.
//
// Invariant between calls: 0 <= filled < messageBytes.
// Cost: a message that lies whole inside one chunk is not copied; a split one is copied once.
type assembler struct {
	partial [messageBytes]byte
	filled  int
	stopped bool
}

// push takes bytes and hands every message that they complete to take, in order. The message is valid only during
// take; when take returns false, what is left is dropped and nothing is taken any more.
func (a *assembler) push(chunk []byte, take func(message) bool) {
	if a.stopped {
		return
	}
	if a.filled > 0 {
		n := copy(a.partial[a.filled:], chunk)
		a.filled += n
		chunk = chunk[n:]
		if a.filled < messageBytes {
			return
		}
		a.filled = 0
		if !take(message(a.partial[:])) {
			a.stopped = true
			return
		}
	}
	for len(chunk) >= messageBytes {
		if !take(message(chunk[:messageBytes:messageBytes])) {
			a.stopped = true
			return
		}
		chunk = chunk[messageBytes:]
	}
	a.filled = copy(a.partial[:], chunk)
}

// body is the part of a message's body that means something. Only for a judged message: rule message-tail-unread.
func (m message) body() []byte {
	end := headerBytes + int(m.bodyLength())
	return m[headerBytes:end:end]
}

// more says whether the flag MORE is set.
func (m message) more() bool {
	return m[offsetFlags]&flagMore != 0
}
