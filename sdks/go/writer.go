package millrace

import "encoding/json"

// Writer takes the output of a HandleStream function as it goes. Write waits when the reader on the other side, or the
// pipe, is behind. For one goroutine at a time.
type Writer struct {
	call    *servedCall
	content Content
	// whole collects the output on a channel that carries no streams.
	whole []byte
	// last is what Finish was given.
	last     []byte
	finished bool
}

// SetContent says what the output is. Before the first Write.
func (w *Writer) SetContent(content Content) error {
	c := w.call.calls.channel
	c.lock()
	defer c.release()
	if w.call.outgoing != nil || len(w.whole) > 0 {
		return usage("the output of %s has begun, so its content is known already", w.call.fn.name)
	}
	w.content = content
	return nil
}

// Write sends some bytes. They may be changed once it returns. The error is an *Error: the call was cancelled or ran
// out of time, its channel ended, or the output is over a limit; return it from the handler.
func (w *Writer) Write(bytes []byte) (int, error) {
	call := w.call
	c := call.calls.channel
	c.lock()
	defer c.release()
	if err := w.refuse(len(bytes)); err != nil {
		return 0, err
	}
	if !call.calls.welcome.streaming {
		w.whole = append(w.whole, bytes...)
		return len(bytes), nil
	}
	rest := bytes
	if call.outgoing == nil && len(rest) > 0 {
		n := min(len(rest), bodyBytes)
		call.result(flagMore, w.content, payloadLengthUnknown, rest[:n])
		call.outgoing = newOutgoing(c, call.id, n, &outputTail{call, w.content})
		rest = rest[n:]
	}
	if len(rest) > 0 {
		call.outgoing.write(rest, nil)
		if call.outgoing.ended {
			return 0, w.stopped()
		}
	}
	return len(bytes), nil
}

// WriteJSON sends a value as one line of NDJSON, and says so when it is the first.
func (w *Writer) WriteJSON(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if w.content == ContentBytes {
		if err := w.SetContent(ContentNdjson); err != nil {
			return err
		}
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// Finish gives the output's last bytes, which are sent when the handler returns nil and must not change until the call
// ends. Nothing may be written after it. An output that Finish gives as a whole costs one message when it has at most
// 960 bytes.
func (w *Writer) Finish(bytes []byte) error {
	c := w.call.calls.channel
	c.lock()
	defer c.release()
	if err := w.refuse(len(bytes)); err != nil {
		return err
	}
	w.last, w.finished = bytes, true
	return nil
}

// refuse says why that many bytes more cannot be sent. mu is held.
func (w *Writer) refuse(bytes int) error {
	call := w.call
	switch {
	case w.finished:
		return usage("the output of %s was finished", call.fn.name)
	case call.ended || call.outgoing != nil && call.outgoing.ended:
		return w.stopped()
	}
	total := len(w.whole)
	if call.outgoing != nil {
		total = int(call.outgoing.total)
	}
	if total+bytes <= bodyBytes {
		return nil
	}
	if refused := call.calls.refuseOutput(total + bytes); refused != nil {
		return refused
	}
	return nil
}

// stopped is why nothing more is sent. mu is held.
func (w *Writer) stopped() *Error {
	if w.call.cancelled != nil {
		return w.call.cancelled
	}
	return Errorf(ReasonCancelled, "the call of %s has ended", w.call.fn.name)
}

// finish ends the output. mu is held.
func (w *Writer) finish() {
	switch call := w.call; {
	case call.outgoing == nil:
		call.finish(append(w.whole, w.last...), w.content)
	case call.outgoing.ended:
		call.fail(w.stopped())
	default:
		call.outgoing.finish(w.last)
	}
}
