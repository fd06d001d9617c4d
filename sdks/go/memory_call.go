package millrace

import "time"

// memoryCall is one call in an engine in memory. Guarded by the engine's mu.
type memoryCall struct {
	engine *memoryEngine
	name   string
	// head is the INVOKE, as it goes to the callee.
	head     message
	callee   *memoryWorker
	calleeID uint32
	// caller is nil for an external call, whose input is rest and whose credit is counted here.
	caller   *memoryWorker
	callerID uint32
	parent   *memoryCall
	rest     []byte
	credit   int
	// early has the DATA that came before the call had a worker.
	early    []message
	deadline time.Time
	timer    *time.Timer
	// settled: the caller has its outcome. ended: no worker holds the call.
	settled, cancelled, ended bool
	output                    []byte
	content                   Content
	spent                     int
	err                       error
	done                      chan struct{}
}

// begin gives a call its limits and finds it a worker.
func (c *memoryCall) begin(limit time.Duration) {
	e := c.engine
	at := e.find(c.name)
	if at < 0 {
		c.end(noFunction(c.name))
		return
	}
	c.head.setFunctionID(uint32(at) + 1)
	c.head.setAttempt(1)
	c.head.setParentCallID(0)
	own := time.Duration(c.head.timeoutUs()) * time.Microsecond
	asked := time.Duration(e.functions[at].function.timeoutUs) * time.Microsecond
	limit = shortest(limit, own, asked)
	if limit == 0 {
		limit = e.options.Timeout
	}
	if c.parent != nil {
		depth := int(c.parent.head.depth()) + 1
		if depth > e.options.MaxDepth {
			c.end(Errorf(ReasonDepthExceeded, "%d internal calls are above it; MaxDepth is %d", depth, e.options.MaxDepth))
			return
		}
		c.head.setDepth(uint8(depth))
		if !c.parent.deadline.IsZero() {
			limit = shortest(limit, max(time.Microsecond, time.Until(c.parent.deadline)))
		}
	}
	if limit > 0 {
		c.deadline = time.Now().Add(limit)
		c.timer = time.AfterFunc(limit, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			c.abandon(Errorf(ReasonDeadlineExceeded, "%s did not end within %v", c.name, limit))
		})
	}
	c.callee = e.functions[at].worker
	c.callee.waiting = append(c.callee.waiting, c)
	c.callee.dispatch()
}

// start sends the call to its worker.
func (c *memoryCall) start() {
	w := c.callee
	w.lastID = nextCallID(w.lastID)
	c.calleeID = w.lastID
	w.open[c.calleeID] = c
	c.head.setCallID(c.calleeID)
	c.head.setTimeoutUs(0)
	if !c.deadline.IsZero() {
		c.head.setTimeoutUs(uint32(min(max(1, time.Until(c.deadline).Microseconds()), timeoutUsMax)))
	}
	w.send(c.head)
	for _, m := range c.early {
		w.send(about0(m, c.calleeID))
	}
	c.early = nil
	c.pump()
}

// takeInput passes DATA of the caller on.
func (c *memoryCall) takeInput(m message) {
	switch {
	case c.ended:
	case c.calleeID == 0:
		c.early = append(c.early, append(message(nil), m...))
	default:
		c.callee.send(about0(m, c.calleeID))
	}
}

// grantInput passes credit on, or uses it for an external call's input.
func (c *memoryCall) grantInput(credit uint32) {
	if c.caller == nil {
		c.credit += int(credit)
		c.pump()
	} else if !c.settled {
		m := made0(typeWindow, c.callerID)
		m.setCredit(credit)
		c.caller.send(m)
	}
}

// pump sends the input of an external call.
func (c *memoryCall) pump() {
	for c.caller == nil && len(c.rest) > 0 && c.credit > 0 && !c.ended {
		m := made0(typeData, c.calleeID)
		n := copy(m[headerBytes:], c.rest)
		m.setBodyLength(uint16(n))
		if c.rest = c.rest[n:]; len(c.rest) > 0 {
			m.setFlags(flagMore)
		}
		c.credit--
		c.callee.send(m)
	}
}

// takeOutput takes DATA of the callee.
func (c *memoryCall) takeOutput(m message) {
	if c.caller != nil {
		if !c.settled {
			c.caller.send(about0(m, c.callerID))
		}
		return
	}
	c.collect(m)
	if c.spent++; c.spent == grantBatch {
		c.spent = 0
		grant := made0(typeWindow, c.calleeID)
		grant.setCredit(grantBatch)
		c.callee.send(grant)
	}
}

func (c *memoryCall) collect(m message) {
	c.output = append(c.output, m.body()...)
	if uint64(len(c.output)) > uint64(c.engine.options.MaxPayloadBytes) {
		c.abandon(Errorf(ReasonPayloadTooLarge, "the output has more than %d bytes", c.engine.options.MaxPayloadBytes))
	}
}

// takeResult takes RESULT, the head or the final one.
func (c *memoryCall) takeResult(m message) {
	if c.caller != nil && !c.settled {
		c.caller.send(about0(m, c.callerID))
	} else if !c.settled {
		if len(c.output) == 0 {
			c.content = Content(m.content())
		}
		c.collect(m)
	}
	if !m.more() {
		c.finish(nil, false)
	}
}

// end ends a call that has failed, on both sides.
func (c *memoryCall) end(why *Error) { c.finish(why, true) }

func (c *memoryCall) finish(why *Error, tell bool) {
	if c.ended {
		return
	}
	c.ended = true
	c.cancelChildren()
	if c.callee != nil && c.calleeID != 0 {
		delete(c.callee.open, c.calleeID)
	}
	c.settle(why, tell)
	if c.callee != nil {
		c.callee.dispatch()
	}
}

// settle gives the caller its outcome, once. tell: it does not know yet.
func (c *memoryCall) settle(why *Error, tell bool) {
	if c.settled {
		return
	}
	c.settled = true
	if c.timer != nil {
		c.timer.Stop()
	}
	if why != nil {
		c.err = why
	}
	c.engine.keepCall(c)
	if c.caller == nil {
		close(c.done)
		return
	}
	delete(c.caller.started, c.callerID)
	if !tell {
		return
	}
	failure := failureBody{
		reason: why.reason(), code: why.Code, message: why.Message, errorType: why.Type, stack: why.Stack, retry: why.Retry, function: why.Function,
	}
	status := why.Status
	if status == 0 {
		status = failure.reason.Status()
	}
	c.caller.sendCold(typeError, failure.encode(), func(m message) {
		m.setCallID(c.callerID)
		m.setStatus(uint32(status))
	})
}

// cancel asks the callee to stop; one that no worker has ends at once.
func (c *memoryCall) cancel() {
	if c.cancelled || c.ended {
		return
	}
	c.cancelled = true
	c.cancelChildren()
	if c.calleeID == 0 {
		c.end(Errorf(ReasonCancelled, "the call of %s was cancelled", c.name))
	} else {
		c.callee.send(made0(typeCancel, c.calleeID))
	}
}

// abandon settles the caller now; the callee keeps its place until its own final message.
func (c *memoryCall) abandon(why *Error) {
	c.settle(why, true)
	c.cancel()
}

func (c *memoryCall) cancelChildren() {
	if c.callee == nil {
		return
	}
	for _, child := range c.callee.started {
		if child.parent == c {
			child.cancel()
		}
	}
}
