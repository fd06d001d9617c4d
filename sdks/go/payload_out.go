package millrace

// payloadTail is how the last bytes of a payload are sent: an output's in a RESULT, an input's in a DATA without MORE.
type payloadTail interface {
	// needsCredit says whether the tail is a DATA message.
	needsCredit() bool
	// send sends the last part; total counts all parts, the head's bytes included.
	send(body []byte, total uint32)
}

// outgoingPayload is one payload on its way out, after its head message: DATA as the receiver's credit and the outbox
// allow, then the tail. Rules data-credit, credit-max, result-total, data-output-more. Holds no copy of the bytes.
// Guarded by the channel's mu.
type outgoingPayload struct {
	channel *channel
	callID  uint32
	tail    payloadTail
	credit  int
	total   uint64
	bytes   []byte
	// closing: these bytes are the last. ended: the tail was sent, or the payload was stopped.
	closing, ended bool
	waitsForRoom   bool
	// sent waits until the bytes are in messages.
	sent *waiter
}

func newOutgoing(c *channel, callID uint32, headBytes int, tail payloadTail) *outgoingPayload {
	return &outgoingPayload{channel: c, callID: callID, tail: tail, credit: creditMax, total: uint64(headBytes)}
}

// finish sends the rest of a payload, then its end. The bytes must not change until then.
func (p *outgoingPayload) finish(bytes []byte) {
	if p.ended {
		return
	}
	p.bytes, p.closing = bytes, true
	p.pump()
}

// write sends some bytes of a stream, and waits until they are in messages or the payload was stopped. mu is given up
// meanwhile. One at a time.
func (p *outgoingPayload) write(bytes []byte, done <-chan struct{}) {
	if p.ended {
		return
	}
	p.bytes = bytes
	p.pump()
	if len(p.bytes) > 0 && !p.ended {
		w := &waiter{}
		p.sent = w
		p.channel.await(w, done)
		p.bytes = nil // What was not sent when done came is the caller's again.
	}
}

// stop sends nothing more, not even a tail: the call has its final message, or the channel is gone.
func (p *outgoingPayload) stop() {
	p.ended, p.bytes = true, nil
	p.wrote()
}

// grant takes the receiver's credit: rule credit-max.
func (p *outgoingPayload) grant(credit uint32) *verdict {
	if p.credit+int(credit) > creditMax {
		return broken("credit-max", "call %d has credit %d, and WINDOW grants %d more", p.callID, p.credit, credit)
	}
	p.credit += int(credit)
	p.pump()
	return nil
}

func (p *outgoingPayload) onRoom() {
	p.waitsForRoom = false
	p.pump()
}

func (p *outgoingPayload) pump() {
	if p.ended {
		return
	}
	for len(p.bytes) > 0 && !(p.closing && len(p.bytes) <= bodyBytes) {
		if p.credit == 0 || !p.hasRoom() {
			return
		}
		m := p.channel.begin(typeData)
		m.setFlags(flagMore)
		m.setCallID(p.callID)
		n := copy(m[headerBytes:], p.bytes)
		p.channel.send(n)
		p.credit--
		p.bytes = p.bytes[n:]
		p.total += uint64(n)
	}
	if p.closing {
		p.sendTail()
	} else {
		p.wrote()
	}
}

func (p *outgoingPayload) sendTail() {
	if p.tail.needsCredit() {
		if p.credit == 0 {
			return
		}
		p.credit--
	}
	body := p.bytes
	p.total += uint64(len(body))
	p.ended, p.bytes = true, nil
	p.tail.send(body, uint32(p.total))
	p.wrote()
}

func (p *outgoingPayload) hasRoom() bool {
	if !p.channel.high() {
		return true
	}
	if !p.waitsForRoom {
		p.waitsForRoom = true
		p.channel.waitForRoom(p)
	}
	return false
}

func (p *outgoingPayload) wrote() {
	if p.sent != nil {
		p.sent.wake()
		p.sent = nil
	}
}
