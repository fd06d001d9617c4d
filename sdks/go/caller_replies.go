package millrace

import "bytes"

// What the engine says of the calls that this worker started.

// onResult takes RESULT: rules result-total, result-more-once, call-id-known, call-late-dropped.
func (c *caller) onResult(m message) *verdict {
	call := c.open[m.callID()]
	if call == nil {
		return c.late(m)
	}
	if flags := m.flags(); flags&^flagMore != 0 {
		if flags&^(flagMore|flagPayloadFile) == 0 && c.files != nil {
			return c.fileResult(call, m)
		}
		return broken("feature-accepted", "RESULT has flags 0x%x, of a feature that WELCOME did not accept", flags)
	}
	if call.incoming == nil {
		if m.more() {
			return c.headResult(call, m)
		}
		return c.wholeResult(call, m)
	}
	if m.more() {
		return broken("result-more-once", "a second RESULT with MORE came for call %d", call.id)
	}
	if total := call.incoming.bytes() + uint64(m.bodyLength()); total != uint64(m.payloadLength()) {
		return broken("result-total", "the output of call %d had %d bytes; its last RESULT says %d", call.id, total, m.payloadLength())
	}
	incoming := call.incoming
	c.close(call)
	fault := incoming.take(m, false, true)
	if fault == nil && call.reader != nil {
		call.succeed(nil, 0)
	}
	return fault
}

// fileResult takes an output that lies in a file; whoever waits for it reads it, outside the channel's mu.
func (c *caller) fileResult(call *pendingCall, m message) *verdict {
	if call.incoming != nil {
		return broken("file-alone", "the output of call %d began in RESULT, and names a file now", call.id)
	}
	name, bytes, content := string(m.body()), m.payloadLength(), Content(m.content())
	c.close(call)
	switch {
	case call.settled:
		c.files.discard(name)
	case call.reader == nil:
		call.outputFile, call.outputBytes = name, bytes
		call.succeed(nil, content)
	default:
		call.reader.begin(call.id, payloadLengthUnknown, content)
		if output, rule := c.files.read(name, bytes, functionOwner(call.name)); rule == "" {
			call.reader.give(output)
			call.succeed(nil, content)
		} else {
			call.fail(fileFault(ReasonProtocolError, name, rule))
		}
	}
	return nil
}

func (c *caller) wholeResult(call *pendingCall, m message) *verdict {
	if m.payloadLength() != uint32(m.bodyLength()) {
		return broken("result-total", "RESULT of call %d has %d bytes and says %d", call.id, m.bodyLength(), m.payloadLength())
	}
	c.close(call)
	if call.settled {
		return nil
	}
	if call.reader == nil {
		call.succeed(bytes.Clone(m.body()), Content(m.content()))
		return nil
	}
	call.reader.begin(call.id, m.payloadLength(), Content(m.content()))
	fault := call.reader.take(m, false, true)
	call.succeed(nil, 0)
	return fault
}

func (c *caller) headResult(call *pendingCall, m message) *verdict {
	if !c.welcome.streaming {
		return broken("feature-accepted", "RESULT has the flag MORE, but WELCOME did not accept streaming")
	}
	content := Content(m.content())
	if call.reader != nil {
		call.reader.begin(call.id, m.payloadLength(), content)
		call.incoming = call.reader
	} else {
		bytesMax := c.welcome.payloadBytesMax
		call.incoming = newWholePayload(c.channel, call.id, m.payloadLength(), bytesMax, func(output []byte) {
			call.succeed(output, content)
		}, func() {
			err := Errorf(ReasonPayloadTooLarge, "the output of %s has more than %d bytes; read it by CallStream", call.name, bytesMax)
			err.Function = call.name
			c.cancel(call, err)
		})
	}
	if call.settled {
		call.incoming.fail(call.err) // Nobody waits for it any more, so its bytes are not kept.
	}
	return call.incoming.take(m, false, false)
}

// onError takes the whole body of ERROR: rule error-body.
func (c *caller) onError(m message, body []byte) *verdict {
	call := c.open[m.callID()]
	if call == nil {
		return c.late(m)
	}
	var failure failureBody
	if err := failure.decode(body); err != nil {
		return broken("error-body", "ERROR of call %d carries no Failure", call.id)
	}
	c.close(call)
	err := errorOf(failure, Status(m.status()))
	// An id that the engine does not know any more: ask for the name once more (rule function-id-resolve-again). A
	// handler's own not_found has a type.
	if err.Reason == ReasonNotFound && err.Type == "" && call.staleError == nil && !call.settled && call.stream == nil {
		c.names.forget(call.name, call.functionID)
		call.staleError, call.id, call.incoming = err, 0, nil
		c.begin(call)
		return nil
	}
	call.fail(err)
	return nil
}

// onData takes DATA of an output: rules data-output-more and data-after-head.
func (c *caller) onData(m message) *verdict {
	call := c.open[m.callID()]
	if call == nil {
		return c.late(m)
	}
	if call.incoming == nil {
		return broken("data-after-head", "DATA came before RESULT for call %d", call.id)
	}
	return call.incoming.take(m, true, false)
}

// onWindow takes WINDOW for an input.
func (c *caller) onWindow(m message) *verdict {
	call := c.open[m.callID()]
	if call == nil {
		return c.late(m)
	}
	if call.outgoing == nil {
		return broken("credit-max", "WINDOW grants %d for call %d, which has all its credit", m.credit(), call.id)
	}
	return call.outgoing.grant(m.credit())
}

// late: a message for a call that is not open is dropped if it has ended, and a fault if it never was.
func (c *caller) late(m message) *verdict {
	// Before the first call the last id counts as 0xffffffff, to which every id of ours is after.
	if c.lastID != 0xffff_ffff && !isAfter(m.callID(), c.lastID) {
		return nil
	}
	return broken("call-id-known", "this worker never started a call %d", m.callID())
}
