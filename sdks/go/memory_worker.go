package millrace

import "context"

// memoryWorker is the engine's side of one worker in memory. Guarded by the engine's mu.
type memoryWorker struct {
	engine  *memoryEngine
	app     *App
	in, out *memoryStream
	// ended gets what serve returned.
	ended chan error
	// failed is why the channel ended, if it was a fault; welcomed: the handshake is over.
	failed   error
	welcomed bool
	// open has the calls that run here, started those that were started here, waiting those that wait for a place.
	open, started map[uint32]*memoryCall
	waiting       []*memoryCall
	lastID        uint32
	capacity      int
	span          coldSpan
}

func (w *memoryWorker) serve() {
	w.ended <- w.app.serve(context.Background(), newMemoryPipe(w.in, w.out), "memory", sayLine)
}

// listen takes the worker's messages until its stream ends.
func (w *memoryWorker) listen() {
	m := make(message, messageBytes)
	for {
		err := w.out.readFull(m)
		w.engine.mu.Lock()
		if err == nil {
			if known, fault := judge(m, sideWorker); fault != nil {
				w.fail(Errorf(ReasonProtocolError, "rule %s: %s", fault.rule, fault.text))
			} else if known {
				w.take(m)
			}
		}
		if err != nil {
			w.lose(Errorf(ReasonWorkerCrashed, "the worker ended during the call"))
			w.engine.mu.Unlock()
			return
		}
		w.engine.mu.Unlock()
	}
}

func (w *memoryWorker) send(m message) {
	// The stream has room for whatever credit and limits allow; one whose reader left takes nothing, and need not.
	_, _ = w.in.write(m)
}

func (w *memoryWorker) sendCold(number uint8, body []byte, set func(message)) {
	for first := true; first || len(body) > 0; first = false {
		m := made0(number, 0)
		if set != nil {
			set(m)
		}
		n := copy(m[headerBytes:], body)
		m.setBodyLength(uint16(n))
		if body = body[n:]; len(body) > 0 {
			m.setFlags(flagMore)
		}
		w.send(m)
	}
}

func (w *memoryWorker) fail(why *Error) {
	w.failed = why
	w.lose(why)
	w.in.end()
}

// lose ends every call of a worker that is gone.
func (w *memoryWorker) lose(why *Error) {
	if !w.welcomed {
		w.welcomed = true
		if w.failed == nil {
			w.failed = why
		}
		w.engine.ready.Done()
	}
	for _, call := range w.open {
		call.end(why)
	}
	for _, call := range w.waiting {
		call.end(why)
	}
	for _, call := range w.started {
		call.abandon(why)
	}
	w.waiting, w.capacity = nil, 0
}

func (w *memoryWorker) take(m message) {
	id := m.callID()
	switch m.messageType() {
	case typeHello, typeError, typeLog:
		if body, whole, fault := w.span.take(m); fault != nil {
			w.fail(Errorf(ReasonProtocolError, "rule %s: %s", fault.rule, fault.text))
		} else if whole {
			w.takeCold(m, body)
		}
	case typeResolve:
		answer := append(message(nil), m...)
		answer[offsetType] = typeResolved
		if at := w.engine.find(string(m.body())); at >= 0 {
			answer.setFunctionID(uint32(at) + 1)
		} else {
			answer.setStatus(uint32(StatusNotFound))
		}
		w.send(answer)
	case typeInvoke:
		w.takeInvoke(m)
	case typeResult:
		if call := w.open[id]; call != nil {
			call.takeResult(m)
		}
	case typeData:
		if call := w.open[id]; call != nil {
			call.takeOutput(m)
		} else if call := w.started[id]; call != nil {
			call.takeInput(m)
		}
	case typeWindow:
		if call := w.open[id]; call != nil {
			call.grantInput(m.credit())
		} else if call := w.started[id]; call != nil && call.callee != nil && !call.ended {
			call.callee.send(about0(m, call.calleeID))
		}
	case typeCancel:
		if call := w.started[id]; call != nil {
			call.cancel()
		}
	case typeCapacity:
		w.capacity = int(m.capacity())
		w.dispatch()
	}
}

// about0 is a copy of a message for another call.
func about0(m message, id uint32) message {
	copied := append(message(nil), m...)
	copied.setCallID(id)
	return copied
}

func (w *memoryWorker) takeCold(m message, body []byte) {
	switch m.messageType() {
	case typeHello:
		w.welcome(body)
	case typeLog:
		var record logBody
		if err := record.decode(body); err != nil {
			w.fail(Errorf(ReasonProtocolError, "rule log-body: %v", err))
			return
		}
		w.engine.keepLog(w.open[m.callID()], record)
	case typeError:
		call := w.open[m.callID()]
		if call == nil {
			return
		}
		var failure failureBody
		if err := failure.decode(body); err != nil {
			w.fail(Errorf(ReasonProtocolError, "rule error-body: %v", err))
			return
		}
		if failure.function == "" {
			failure.function = call.name
		}
		call.end(errorOf(failure, Status(m.status())))
	}
}

func (w *memoryWorker) welcome(body []byte) {
	var hello helloBody
	if err := hello.decode(body[versionPrefixBytes:]); err != nil {
		w.fail(Errorf(ReasonProtocolError, "rule handshake-body: %v", err))
		return
	}
	says := welcomeBody{features: hello.features, workerID: 1, limits: welcomeLimits{
		maxCalls: hello.maxCalls, maxOpenInvokes: callsWaitingMax, maxOpenResolves: namesWaitingMax, maxOpenPings: 1,
		maxPayloadBytes: w.engine.options.MaxPayloadBytes, maxDepth: uint32(w.engine.options.MaxDepth),
	}}
	for _, offer := range hello.functions {
		says.functions = append(says.functions, functionID{offer.name, uint32(w.engine.find(offer.name)) + 1})
	}
	w.sendCold(typeWelcome, append(appendPrefix(nil, protocolVersion, protocolVersion), says.encode()...), nil)
	w.welcomed = true
	w.engine.ready.Done()
}

func (w *memoryWorker) takeInvoke(m message) {
	parent := w.open[m.parentCallID()]
	call := &memoryCall{engine: w.engine, caller: w, callerID: m.callID(), parent: parent, head: append(message(nil), m...)}
	w.started[call.callerID] = call
	at := int(m.functionID()) - 1
	if at >= len(w.engine.functions) {
		call.end(&Error{Reason: ReasonNotFound, Message: "the id is not known"})
		return
	}
	call.name = w.engine.functions[at].name
	if m.parentCallID() != 0 && (parent == nil || parent.cancelled) {
		call.end(Errorf(ReasonCancelled, "the call that makes it has ended"))
		return
	}
	call.begin(0)
}

// dispatch starts calls that wait, while there are places.
func (w *memoryWorker) dispatch() {
	for len(w.waiting) > 0 && len(w.open) < min(w.capacity, w.app.maxCalls) {
		next := w.waiting[0]
		w.waiting = w.waiting[1:]
		if !next.ended {
			next.start()
		}
	}
}
