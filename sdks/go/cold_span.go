package millrace

import (
	"bytes"
)

// coldSpan joins the bodies of a cold message that spans consecutive messages of one type and call by MORE.
// Follows the rules cold-span-consecutive, cold-span-header and cold-span-bytes. Holds at most 64 KiB, however many
// parts they came in.
type coldSpan struct {
	open   bool
	header [headerBytes]byte
	joined []byte
}

// take takes one judged message; give it every message of the direction while open, and every spanning type
// otherwise. whole is true when the message ends the body; the body is the caller's own. After a fault the channel
// is over: take no more.
func (s *coldSpan) take(m message) (body []byte, whole bool, fault *verdict) {
	if s.open {
		if fault := s.compare(m); fault != nil {
			return nil, false, fault
		}
	}
	part := m.body()
	if len(s.joined)+len(part) > coldMessageBytesMax {
		return nil, false, broken("cold-span-bytes", "%s is over %d bytes", typeName(m.messageType()), coldMessageBytesMax)
	}
	if !s.open {
		if !m.more() {
			return bytes.Clone(part), true, nil
		}
		s.open = true
		copy(s.header[:], m)
	}
	s.joined = append(s.joined, part...)
	if m.more() {
		return nil, false, nil
	}
	body = s.joined
	s.open, s.joined = false, nil
	return body, true, nil
}

func (s *coldSpan) compare(m message) *verdict {
	first := message(s.header[:])
	switch {
	case m.messageType() != first.messageType():
		return broken("cold-span-consecutive", "%s came between the parts of %s", typeName(m.messageType()), typeName(first.messageType()))
	case m.callID() != first.callID():
		return broken("cold-span-consecutive", "call %d came between the parts of %s", m.callID(), typeName(first.messageType()))
	}
	// Flags and body_length: each part has its own.
	for at := offsetCallID + 4; at < headerBytes; at++ {
		if m[at] != first[at] {
			return broken("cold-span-header", "parts of %s differ at header byte %d", typeName(m.messageType()), at)
		}
	}
	return nil
}
