package millrace

// outbox has the messages that wait for one write. They are written in place, in slots of one buffer that lie one
// after the other, so that a whole turn's messages leave in one call of the OS. While one buffer is being written the
// next messages go into the other.
//
//	|  taken by the pipe  |    waiting    |  free  |
//	0                    head            tail    len(slots)        0 <= head <= tail <= len(slots)
type outbox struct {
	slots []byte
	// stale has the body bytes that each slot's last message had, so that a slot is cleared only where it is stale.
	stale []uint16
	head  int
	tail  int
	// spare is the other buffer.
	spare      []byte
	spareStale []uint16
}

func (o *outbox) init() {
	o.slots, o.stale = make([]byte, outboxMessagesBatch*messageBytes), make([]uint16, outboxMessagesBatch)
	o.spare, o.spareStale = make([]byte, outboxMessagesBatch*messageBytes), make([]uint16, outboxMessagesBatch)
}

// waiting counts the messages begun and not wholly taken by the pipe.
func (o *outbox) waiting() int { return (o.tail - o.head + messageBytes - 1) / messageBytes }

// begin begins a message in the next slot: its header is zero but for the type. Fill it, then end it, with no other
// begin between. nil when outboxMessagesMax wait already.
func (o *outbox) begin(number uint8) message {
	if o.tail+messageBytes > len(o.slots) && !o.makeRoom() {
		return nil
	}
	m := message(o.slots[o.tail : o.tail+messageBytes : o.tail+messageBytes])
	clear(m[:headerBytes])
	m[offsetType] = number
	return m
}

// end ends the message begun last, with that many body bytes: rule message-tail-zero.
func (o *outbox) end(length int) {
	m := message(o.slots[o.tail : o.tail+messageBytes])
	m.setBodyLength(uint16(length))
	slot := o.tail / messageBytes
	if before := int(o.stale[slot]); before > length {
		clear(m[headerBytes+length : headerBytes+before])
	}
	o.stale[slot] = uint16(length)
	o.tail += messageBytes
}

// take hands over everything that waits; new messages go into the other buffer. Give it back by putBack or done.
func (o *outbox) take() (waiting []byte, slots []byte, stale []uint16) {
	waiting, slots, stale = o.slots[o.head:o.tail], o.slots, o.stale
	o.slots, o.stale = o.spare, o.spareStale
	o.spare, o.spareStale = nil, nil
	o.head, o.tail = 0, 0
	return waiting, slots, stale
}

// done gives a buffer back whose messages were all written.
func (o *outbox) done(slots []byte, stale []uint16) {
	if len(slots) > outboxMessagesKept*messageBytes {
		slots, stale = make([]byte, outboxMessagesBatch*messageBytes), make([]uint16, outboxMessagesBatch)
	}
	o.spare, o.spareStale = slots, stale
}

// putBack gives a buffer back of which the pipe did not take rest. What was begun since then follows it.
func (o *outbox) putBack(slots []byte, stale []uint16, rest []byte) {
	head := cap(slots) - cap(rest)
	tail := head + len(rest)
	later, laterStale, laterTail := o.slots, o.stale, o.tail
	o.slots, o.stale, o.head, o.tail = slots, stale, head, tail
	o.spare, o.spareStale = later, laterStale
	for at := 0; at < laterTail; at += messageBytes {
		if o.tail+messageBytes > len(o.slots) {
			o.grow()
		}
		slot := o.tail / messageBytes
		copy(o.slots[o.tail:o.tail+messageBytes], later[at:at+messageBytes])
		o.stale[slot] = laterStale[at/messageBytes]
		o.tail += messageBytes
	}
}

func (o *outbox) makeRoom() bool {
	slots := len(o.slots) / messageBytes
	// Moving down by whole slots keeps messages aligned to slots though the pipe took part of one.
	if free := o.head / messageBytes; free > slots/2 {
		copy(o.slots, o.slots[free*messageBytes:o.tail])
		o.head -= free * messageBytes
		o.tail -= free * messageBytes
		for slot := range o.stale {
			o.stale[slot] = bodyBytes // Slots moved, so what each one held is not known any more.
		}
		return true
	}
	if slots >= outboxMessagesMax {
		return false
	}
	o.grow()
	return true
}

// grow doubles the buffer; what waits stays at its place.
func (o *outbox) grow() {
	slots, stale := make([]byte, 2*len(o.slots)), make([]uint16, 2*len(o.stale))
	copy(slots, o.slots[:o.tail])
	copy(stale, o.stale[:o.tail/messageBytes])
	o.slots, o.stale = slots, stale
}
