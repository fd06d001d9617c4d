package millrace

// caller has the internal calls that this worker waits for: starts them, gives each its outcome once, ends all with
// the channel. Guarded by the channel's mu.
type caller struct {
	channel *channel
	welcome *welcome
	// files is nil when payload-file was not accepted.
	files *payloadFiles
	names *names
	open  map[uint32]*pendingCall
	// waiting has the calls whose INVOKE waits for a place: rule limit-open-invokes.
	waiting []*pendingCall
	lastID  uint32
	// gone is why no call can be made any more; nil while the channel is up.
	gone *Error
}

func newCaller(c *channel, w *welcome, n *names) *caller {
	return &caller{channel: c, welcome: w, names: n, open: map[uint32]*pendingCall{}, lastID: 0xffff_ffff}
}

// begin starts a call, or asks for its name first. It may fail at once.
func (c *caller) begin(call *pendingCall) {
	switch {
	case c.gone != nil:
		call.fail(c.gone)
	case call.parent.cancelled != nil:
		call.fail(call.parent.cancelled)
	case call.parent.ended:
		call.fail(call.parentEnded())
	case c.welcome.openInvokesMax == 0:
		call.fail(Errorf(ReasonUnsupported, "the engine did not accept internal calls on this channel"))
	default:
		if id, known := c.names.ids[call.name]; known {
			c.invoke(call, id)
		} else {
			c.names.ask(call)
		}
	}
}

// onName: the engine told the id of the call's name.
func (c *caller) onName(call *pendingCall, id uint32) {
	if call.staleError != nil && call.functionID == id {
		call.fail(call.staleError)
	} else {
		c.invoke(call, id)
	}
}

// onNoName: the engine knows no such name.
func (c *caller) onNoName(call *pendingCall, why *Error) {
	if call.staleError != nil {
		why = call.staleError
	}
	call.fail(why)
}

func (c *caller) invoke(call *pendingCall, functionID uint32) {
	call.functionID = functionID
	switch {
	case len(c.open) < int(c.welcome.openInvokesMax):
		c.send(call)
	case len(c.waiting) < callsWaitingMax:
		c.waiting = append(c.waiting, call)
	default:
		call.fail(Errorf(ReasonQueueFull, "%d internal calls of this worker wait already", callsWaitingMax))
	}
}

func (c *caller) send(call *pendingCall) {
	// It may have ended while it waited for its name or a place.
	if call.settled {
		return
	}
	if call.parent.ended {
		call.fail(call.parentEnded())
		return
	}
	if refused := c.refuseInput(call); refused != nil {
		call.fail(refused)
		return
	}
	id := nextCallID(c.lastID)
	for c.open[id] != nil {
		id = nextCallID(id)
	}
	c.lastID, call.id = id, id
	c.open[id] = call
	c.sendInput(call)
}

func (c *caller) refuseInput(call *pendingCall) *Error {
	if call.stream != nil && !c.welcome.streaming {
		return Errorf(ReasonUnsupported, "the engine did not accept streams on this channel")
	}
	bytesMax := uint32(bodyBytes)
	if c.welcome.streaming {
		bytesMax = max(bytesMax, c.welcome.payloadBytesMax)
	}
	if uint64(len(call.input)) > uint64(bytesMax) {
		return Errorf(ReasonPayloadTooLarge, "the input for %s has %d bytes; the engine takes %d", call.name, len(call.input), bytesMax)
	}
	return nil
}

// sendInput sends INVOKE, and what of a whole input does not fit there as credit allows.
func (c *caller) sendInput(call *pendingCall) {
	m := c.channel.begin(typeInvoke)
	m.setCallID(call.id)
	m.setFunctionID(call.functionID)
	m.setTimeoutUs(call.timeoutUs)
	m.setParentCallID(call.parent.id)
	m.setAttempt(1)
	m.setPriority(call.priority)
	m.setContent(uint8(call.content))
	switch {
	case call.stream != nil:
		m.setFlags(flagMore)
		m.setPayloadLength(payloadLengthUnknown)
		c.channel.send(0)
		call.outgoing = newOutgoing(c.channel, call.id, 0, &inputTail{c.channel, call.id})
		go call.sendStream(c)
	case call.inputFile != "":
		m.setFlags(flagPayloadFile)
		m.setPayloadLength(uint32(len(call.input)))
		c.channel.send(copy(m[headerBytes:], call.inputFile))
		call.inputFile = "" // It is the engine's: should the call be sent again, it goes in messages.
	case len(call.input) <= bodyBytes:
		m.setPayloadLength(uint32(len(call.input)))
		c.channel.send(copy(m[headerBytes:], call.input))
	default:
		m.setFlags(flagMore)
		m.setPayloadLength(uint32(len(call.input)))
		c.channel.send(copy(m[headerBytes:], call.input))
		call.outgoing = newOutgoing(c.channel, call.id, bodyBytes, &inputTail{c.channel, call.id})
		call.outgoing.finish(call.input[bodyBytes:])
	}
}

// inputTail ends an input by DATA without MORE, which may be empty: rule data-input-end.
type inputTail struct {
	channel *channel
	callID  uint32
}

func (t *inputTail) needsCredit() bool { return true }

func (t *inputTail) send(body []byte, _ uint32) {
	m := t.channel.begin(typeData)
	m.setCallID(t.callID)
	t.channel.send(copy(m[headerBytes:], body))
}

// cancel ends a call for its caller now; on the channel it stays open until its final message.
func (c *caller) cancel(call *pendingCall, why error) {
	if call.settled {
		return
	}
	if call.id != 0 && c.open[call.id] == call {
		m := c.channel.begin(typeCancel)
		m.setCallID(call.id)
		c.channel.send(0)
	}
	call.fail(why)
}

// cancelChildren: a served call stops, so its internal calls end at once, and the engine is told.
func (c *caller) cancelChildren(parent *servedCall, why *Error) {
	for _, call := range c.open {
		if call.parent == parent {
			c.cancel(call, why)
		}
	}
	for _, call := range c.waiting {
		if call.parent == parent {
			call.fail(why)
		}
	}
	c.names.failChildren(parent, why)
}

// failAll: the channel is gone, so every call ends with the same error, and so does every later one.
func (c *caller) failAll(why *Error) {
	c.gone = why
	open, waiting := c.open, c.waiting
	c.open, c.waiting = map[uint32]*pendingCall{}, nil
	for _, call := range open {
		call.fail(why)
	}
	for _, call := range waiting {
		call.fail(why)
	}
	c.names.failAll(why)
}

// close: its final message came, so the id is free, and so is a place.
func (c *caller) close(call *pendingCall) {
	delete(c.open, call.id)
	if call.outgoing != nil {
		call.outgoing.stop()
		call.outgoing = nil
	}
	for len(c.waiting) > 0 && len(c.open) < int(c.welcome.openInvokesMax) {
		next := c.waiting[0]
		c.waiting[0] = nil
		c.waiting = c.waiting[1:]
		c.send(next)
	}
}
