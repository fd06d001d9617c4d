package millrace

// receipt counts one payload on its way in and grants its sender credit: rules data-credit and payload-length-exact.
// Guarded by the channel's mu.
type receipt struct {
	channel *channel
	callID  uint32
	// announced is payloadLengthUnknown when nobody said.
	announced uint32
	total     uint64
	// spent counts the DATA messages that came and were not granted again; consumed those of them that were read.
	spent, consumed int
}

// count counts a part. inData: it came in DATA, which costs credit. last: nothing follows.
func (r *receipt) count(bytes int, inData, last bool) *verdict {
	if inData {
		if r.spent == creditMax {
			return broken("data-credit", "DATA for call %d came without credit", r.callID)
		}
		r.spent++
	}
	r.total += uint64(bytes)
	if r.announced == payloadLengthUnknown {
		return nil
	}
	if announced := uint64(r.announced); r.total > announced || last && r.total != announced {
		return broken("payload-length-exact", "the payload of call %d was announced with %d bytes, and %d came", r.callID, announced, r.total)
	}
	return nil
}

// consume: a DATA message was read. Grants when half of the credit was used, so that the sender never runs dry.
func (r *receipt) consume() {
	r.consumed++
	if r.consumed < grantBatch {
		return
	}
	m := r.channel.begin(typeWindow)
	m.setCallID(r.callID)
	m.setCredit(uint32(r.consumed))
	r.channel.send(0)
	r.spent -= r.consumed
	r.consumed = 0
}

// incomingPayload is a payload on its way in. Guarded by the channel's mu.
type incomingPayload interface {
	// take takes the body of one message. inData: it is DATA. last: it ends the payload.
	take(m message, inData, last bool) *verdict
	// bytes is how many came so far.
	bytes() uint64
	// fail ends it early: nothing more will come.
	fail(err error)
}

// wholePayload collects a payload. Holds at most bytesMax bytes; grants credit as parts come.
type wholePayload struct {
	receipt  receipt
	bytesMax uint32
	// onWhole: all of it came; the bytes are the listener's own. onTooLarge: it has more than bytesMax bytes; what came
	// was dropped, and what comes will be. Once.
	onWhole    func(bytes []byte)
	onTooLarge func()
	collected  []byte
	dropped    bool
}

func newWholePayload(c *channel, callID, announced, bytesMax uint32, onWhole func([]byte), onTooLarge func()) *wholePayload {
	room := uint32(partBytesFirst)
	if announced != payloadLengthUnknown {
		room = min(announced, bytesMax)
	}
	return &wholePayload{
		receipt:  receipt{channel: c, callID: callID, announced: announced},
		bytesMax: bytesMax, onWhole: onWhole, onTooLarge: onTooLarge, collected: make([]byte, 0, room),
	}
}

func (p *wholePayload) bytes() uint64 { return p.receipt.total }

func (p *wholePayload) take(m message, inData, last bool) *verdict {
	part := m.body()
	if fault := p.receipt.count(len(part), inData, last); fault != nil {
		return fault
	}
	if inData && !last {
		p.receipt.consume()
	}
	switch {
	case p.dropped:
		return nil
	case p.receipt.total > uint64(p.bytesMax):
		p.fail(nil)
		p.onTooLarge()
		return nil
	}
	p.collected = append(p.collected, part...)
	if last {
		p.onWhole(p.collected)
	}
	return nil
}

func (p *wholePayload) fail(error) { p.dropped, p.collected = true, nil }
