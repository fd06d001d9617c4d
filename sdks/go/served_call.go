package millrace

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// servedCall is one call that this worker runs, from its INVOKE to its one final message (rule call-one-final). It is
// also the handler's context. What mu guards is said; the rest is set before the handler runs.
type servedCall struct {
	callContext
	calls *servedCalls
	fn    *function
	id    uint32
	info  Info
	// input is what a function of values or bytes gets, once it is whole; pooled says that it goes back to the pool.
	input        []byte
	inputContent Content
	pooled       *[]byte
	// inputFile is the name of the input's payload file, inputBytes its size; empty: it came in messages.
	inputFile  string
	inputBytes uint32
	// outputFile has the output already; empty: it goes in messages.
	outputFile string
	reader     *Reader
	writer     *Writer
	startedAt  time.Time

	// Guarded by mu: incoming is the input on its way in, nil when it came whole or was dropped; outgoing the output on
	// its way out, after its head.
	incoming incomingPayload
	outgoing *outgoingPayload
	ended    bool
}

// begin marks the time when the handler begins.
func (s *servedCall) begin() { s.startedAt = time.Now() }

// run runs the handler and sends what became of it. A panic ends the call, not the worker.
func (s *servedCall) run() {
	if s.inputFile != "" && !s.loadInput() {
		return
	}
	if s.fn.kind == kindStream {
		s.runStream()
		return
	}
	output, content, err := s.runValue()
	if s.pooled != nil {
		inputBuffers.put(s.pooled)
		s.pooled, s.input = nil, nil
	}
	if err != nil {
		s.failNow(err)
		return
	}
	c := s.calls.channel
	if files := s.calls.files; files != nil && s.calls.welcome.inFile(len(output)) {
		s.outputFile = files.write(output, callOwner(s.id))
	}
	c.lock()
	s.finish(output, content)
	c.release()
}

// loadInput reads the input's payload file, outside the channel's mu. false: it was refused, and the call has ended: rule
// file-refused.
func (s *servedCall) loadInput() bool {
	input, rule := s.calls.files.read(s.inputFile, s.inputBytes, callOwner(s.id))
	if rule != "" {
		s.failNow(fileFault(ReasonBadInput, s.inputFile, rule))
		return false
	}
	s.input = input
	if s.reader != nil {
		c := s.calls.channel
		c.lock()
		s.reader.give(input)
		c.release()
	}
	return true
}

func (s *servedCall) runValue() (output []byte, content Content, err error) {
	defer s.rescue(&err)
	if fault := s.fn.fault.Load(); fault != nil {
		if err := (*fault)(s); err != nil {
			return nil, 0, err
		}
	}
	return s.fn.value(s, s.input, s.inputContent)
}

func (s *servedCall) runStream() {
	s.begin()
	err := func() (err error) {
		defer s.rescue(&err)
		if fault := s.fn.fault.Load(); fault != nil {
			if err := (*fault)(s); err != nil {
				return err
			}
		}
		return s.fn.stream(s, s.reader, s.writer)
	}()
	if err != nil {
		s.failNow(err)
		return
	}
	c := s.calls.channel
	c.lock()
	s.writer.finish()
	c.release()
}

// rescue makes an error of a panic.
func (s *servedCall) rescue(err *error) {
	if value := recover(); value != nil {
		failure := &Error{Reason: ReasonHandlerError, Message: fmt.Sprintf("panic: %v", value), Type: typeOf(value), Stack: string(debug.Stack())}
		failure.Cause, _ = value.(error)
		*err = failure
	}
}

// finish sends a whole output: in one RESULT if it fits, otherwise with DATA behind it as credit allows. mu is held.
func (s *servedCall) finish(output []byte, content Content) {
	if s.outputFile != "" {
		s.finishFile(uint32(len(output)), content)
		return
	}
	if s.ended {
		return
	}
	if len(output) <= bodyBytes {
		s.result(0, content, uint32(len(output)), output)
		s.calls.close(s)
		return
	}
	if s.cancelled != nil {
		s.fail(s.cancelled) // Nobody would grant credit for it.
		return
	}
	if refused := s.calls.refuseOutput(len(output)); refused != nil {
		s.fail(refused)
		return
	}
	s.result(flagMore, content, uint32(len(output)), output[:bodyBytes])
	s.outgoing = newOutgoing(s.calls.channel, s.id, bodyBytes, &outputTail{s, content})
	s.outgoing.finish(output[bodyBytes:])
}

// finishFile sends an output that lies in a file already. mu is held.
func (s *servedCall) finishFile(bytes uint32, content Content) {
	refused := s.calls.refuseOutput(int(bytes))
	if s.ended || refused != nil {
		s.calls.files.discard(s.outputFile)
		if refused != nil {
			s.fail(refused)
		}
		return
	}
	s.result(flagPayloadFile, content, bytes, []byte(s.outputFile))
	s.calls.close(s)
}

// result sends one RESULT. mu is held.
func (s *servedCall) result(flags uint8, content Content, payloadLength uint32, body []byte) {
	c := s.calls.channel
	m := c.begin(typeResult)
	m.setFlags(flags)
	m.setCallID(s.id)
	m.setPayloadLength(payloadLength)
	m.setRunUs(s.runUs())
	m.setContent(uint8(content))
	c.send(copy(m[headerBytes:], body))
}

// failNow ends the call with ERROR.
func (s *servedCall) failNow(err error) {
	c := s.calls.channel
	c.lock()
	s.fail(err)
	c.release()
}

// fail ends the call with ERROR. After a CANCEL its reason is the cancellation's, whatever the handler returned. mu is
// held.
func (s *servedCall) fail(err error) {
	if s.ended {
		return
	}
	if s.outgoing != nil {
		s.outgoing.stop()
	}
	failure, status := s.blame(err).toFailure()
	runUs := s.runUs()
	s.calls.channel.sendCold(typeError, failure.encode(), func(m message) {
		m.setCallID(s.id)
		m.setStatus(uint32(status))
		m.setRunUs(runUs)
	})
	s.calls.close(s)
}

func (s *servedCall) blame(err error) *Error {
	if s.cancelled != nil {
		return s.cancelled
	}
	// The deadline may have passed here before the engine's CANCEL came.
	if errors.Is(err, context.DeadlineExceeded) && s.expired() {
		return s.deadlineError()
	}
	return asError(err)
}

// cancel: the engine asks to stop, and the handler learns it by its context. The final message still comes. mu is held.
func (s *servedCall) cancel() {
	if s.cancelled != nil {
		return
	}
	why := Errorf(ReasonCancelled, "the call of %s was cancelled", s.fn.name)
	if s.hasDeadline && time.Until(s.deadline) <= deadlineSlack {
		why = s.deadlineError()
	}
	s.stop(why)
	// A handler that still waits for its whole input has not begun, and one that waits for credit for the rest of its
	// output is done: nobody else would end the call.
	if s.incoming != nil && s.fn.kind != kindStream || s.outgoing != nil && s.outgoing.closing {
		s.fail(why)
	} else if s.outgoing != nil {
		s.outgoing.stop()
	}
}

// stop makes the context end, the streamed input fail, and the internal calls end. mu is held.
func (s *servedCall) stop(why *Error) {
	if s.incoming != nil {
		s.incoming.fail(why)
	}
	s.calls.caller.cancelChildren(s, why)
	s.callContext.cancel(why)
}

// runUs is the time since the handler began, rounded up: 0 is left to calls that never began.
func (s *servedCall) runUs() uint32 {
	if s.startedAt.IsZero() {
		return 0
	}
	us := (time.Since(s.startedAt) + time.Microsecond - 1) / time.Microsecond
	return uint32(min(max(us, 1), timeoutUsMax))
}

// outputTail ends an output by the final RESULT: rule result-total.
type outputTail struct {
	call    *servedCall
	content Content
}

func (t *outputTail) needsCredit() bool { return false }

func (t *outputTail) send(body []byte, total uint32) {
	t.call.result(0, t.content, total, body)
	t.call.calls.close(t.call)
}
