package millrace

import (
	"bytes"
	"sync"
	"time"
)

// servedCalls are the calls that this worker runs: takes the engine's messages about them, refuses what it cannot
// take. Guarded by the channel's mu.
type servedCalls struct {
	channel   *channel
	caller    *caller
	log       *workerLog
	functions map[uint32]*function
	welcome   *welcome
	// files is nil when payload-file was not accepted.
	files *payloadFiles
	open  map[uint32]*servedCall
	// lastID is the engine's highest call id so far: with it alone any id is new, or was used.
	lastID   uint32
	draining bool
	// onIdle is called when the last open call ends while draining.
	onIdle func()
}

// inputBuffers has the buffers in which inputs of functions of values wait to be decoded.
var inputBuffers bufferPool

type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) get() *[]byte {
	if buffer, ok := p.pool.Get().(*[]byte); ok {
		return buffer
	}
	buffer := make([]byte, 0, bodyBytes)
	return &buffer
}

func (p *bufferPool) put(buffer *[]byte) {
	if cap(*buffer) <= inputBuffersBytesMax {
		*buffer = (*buffer)[:0]
		p.pool.Put(buffer)
	}
}

// refuseOutput says why an output of that many bytes, above 960, cannot be sent: rule payload-inline-output.
func (s *servedCalls) refuseOutput(bytes int) *Error {
	if !s.welcome.streaming {
		return Errorf(ReasonPayloadTooLarge, "the output has %d bytes, and this channel carries at most %d", bytes, bodyBytes)
	}
	if uint64(bytes) > uint64(s.welcome.payloadBytesMax) {
		return Errorf(ReasonPayloadTooLarge, "the output has %d bytes or more; the engine takes %d", bytes, s.welcome.payloadBytesMax)
	}
	return nil
}

// onInvoke takes INVOKE: rules call-id-rising, call-id-open-skipped, feature-accepted, function-id-known.
func (s *servedCalls) onInvoke(m message) *verdict {
	id := m.callID()
	if !isAfter(id, s.lastID) {
		return broken("call-id-rising", "INVOKE has call_id %d, which does not come after %d", id, s.lastID)
	}
	if s.open[id] != nil {
		return broken("call-id-open-skipped", "INVOKE has call_id %d, which is still open", id)
	}
	s.lastID = id
	if flags := m.flags(); flags != 0 {
		switch {
		case flags&flagMore != 0 && !s.welcome.streaming:
			return notAccepted("MORE", "streaming")
		case flags&flagPayloadFile != 0 && s.files == nil:
			return notAccepted("PAYLOAD_FILE", "payload-file")
		case flags&flagHead != 0:
			return notAccepted("HEAD", "http")
		}
	}
	fn := s.functions[m.functionID()]
	switch {
	case fn == nil:
		s.refuse(id, Errorf(ReasonNotFound, "this worker serves no function with the id %d", m.functionID()))
		if m.flags()&flagPayloadFile != 0 {
			s.files.discard(string(m.body()))
		}
	case s.draining:
		s.refuse(id, Errorf(ReasonDraining, "this worker is draining and did not start the call"))
	case len(s.open) >= int(s.welcome.callsMax):
		s.refuse(id, Errorf(ReasonOverloaded, "this worker runs %d calls already", s.welcome.callsMax))
	default:
		return s.take(fn, m)
	}
	return nil
}

func notAccepted(flag, feature string) *verdict {
	return broken("feature-accepted", "INVOKE has the flag %s, but WELCOME did not accept %s", flag, feature)
}

// take begins a call, and makes it ready to run as soon as its handler can.
func (s *servedCalls) take(fn *function, m message) *verdict {
	call := &servedCall{
		callContext: callContext{name: fn.name}, calls: s, fn: fn, id: m.callID(), inputContent: Content(m.content()),
		info: Info{
			ID: m.callID(), Function: fn.name, Depth: int(m.depth()), Priority: int(m.priority()), Attempt: int(m.attempt()),
			Queued: time.Duration(m.queueUs()) * time.Microsecond, Content: Content(m.content()),
			Trace: Trace{ID: m.traceID(), Span: m.spanID(), Flags: m.traceFlags()},
		},
	}
	if us := m.timeoutUs(); us > 0 {
		call.deadline, call.hasDeadline = time.Now().Add(time.Duration(us)*time.Microsecond), true
	}
	s.open[call.id] = call
	if m.flags()&flagPayloadFile != 0 {
		call.inputFile, call.inputBytes = string(m.body()), m.payloadLength()
	}
	switch {
	case call.inputFile != "":
		if fn.kind == kindStream {
			call.reader = &Reader{channel: s.channel}
			call.writer = &Writer{call: call, content: fn.content}
			call.reader.begin(call.id, payloadLengthUnknown, call.inputContent)
		}
	case fn.kind == kindStream:
		call.reader = &Reader{channel: s.channel}
		call.writer = &Writer{call: call, content: fn.content}
		call.reader.begin(call.id, m.payloadLength(), call.inputContent)
		if m.more() {
			call.incoming = call.reader
		}
		if fault := call.reader.take(m, false, !m.more()); fault != nil {
			return fault
		}
	case m.more():
		bytesMax := s.welcome.payloadBytesMax
		whole := newWholePayload(s.channel, call.id, m.payloadLength(), bytesMax, func(input []byte) {
			call.input = input
			s.channel.started = append(s.channel.started, call)
		}, func() {
			call.fail(Errorf(ReasonPayloadTooLarge, "the input has more than %d bytes", bytesMax))
		})
		call.incoming = whole
		return whole.take(m, false, false)
	case fn.kind == kindBytes:
		call.input = bytes.Clone(m.body())
	default:
		call.pooled = inputBuffers.get()
		*call.pooled = append(*call.pooled, m.body()...)
		call.input = *call.pooled
	}
	s.channel.started = append(s.channel.started, call)
	return nil
}

// onData takes DATA of an input.
func (s *servedCalls) onData(m message) *verdict {
	call := s.open[m.callID()]
	if call == nil {
		return s.late(m)
	}
	incoming := call.incoming
	if incoming == nil {
		return broken("data-after-end", "DATA came for call %d, whose input had ended", call.id)
	}
	last := !m.more()
	if last {
		call.incoming = nil
	}
	return incoming.take(m, true, last)
}

// onWindow takes WINDOW for an output.
func (s *servedCalls) onWindow(m message) *verdict {
	call := s.open[m.callID()]
	if call == nil {
		return s.late(m)
	}
	if call.outgoing == nil {
		return broken("credit-max", "WINDOW grants %d for call %d, which has all its credit", m.credit(), call.id)
	}
	return call.outgoing.grant(m.credit())
}

// onCancel takes CANCEL.
func (s *servedCalls) onCancel(m message) *verdict {
	call := s.open[m.callID()]
	if call == nil {
		return s.late(m)
	}
	call.cancel()
	return nil
}

// drain refuses calls from now on: rule drain-refuses. onIdle is called when none is open, which may be at once.
func (s *servedCalls) drain() {
	s.draining = true
	if len(s.open) == 0 {
		s.onIdle()
	}
}

// stopAll: the channel is gone, and every open call is told to stop. Their outcomes go nowhere.
func (s *servedCalls) stopAll(why *Error) {
	for _, call := range s.open {
		if call.outgoing != nil {
			call.outgoing.stop()
		}
		call.stop(why)
	}
}

// close: a call has sent its final message.
func (s *servedCalls) close(call *servedCall) {
	call.ended = true
	if call.incoming != nil {
		call.incoming.fail(Errorf(ReasonCancelled, "the call of %s has ended", call.fn.name))
		call.incoming = nil
	}
	call.forget()
	delete(s.open, call.id)
	if call.inputFile != "" {
		s.files.release(callOwner(call.id))
	}
	if s.draining && len(s.open) == 0 {
		s.onIdle()
	}
}

// refuse ends a call that was not started.
func (s *servedCalls) refuse(id uint32, why *Error) {
	// Not toFailure: these are reasons that no handler may give.
	failure := failureBody{reason: why.Reason, message: why.Message}
	s.channel.sendCold(typeError, failure.encode(), func(m message) {
		m.setCallID(id)
		m.setStatus(uint32(why.Reason.Status()))
	})
}

// late: a message for a call that is not open is dropped if it has ended (rule call-late-dropped), and a fault if it
// never was.
func (s *servedCalls) late(m message) *verdict {
	if !isAfter(m.callID(), s.lastID) {
		return nil
	}
	return broken("call-id-known", "call %d was never started", m.callID())
}
