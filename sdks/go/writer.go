package millrace

import "encoding/json"

// Writer takes the output of a HandleStream function as it goes. Write waits when the reader on the other side, or the
// pipe, is behind. For one goroutine at a time.
type Writer struct {
	call    *servedCall
	content Content
	// whole collects the output on a channel that carries no streams.
	whole []byte
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
		if err := w.refuse(0); err != nil {
			return 0, err
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

// refuse says why that many bytes more cannot be sent. mu is held.
func (w *Writer) refuse(bytes int) error {
	call := w.call
	switch {
	case call.cancelled != nil:
		return call.cancelled
	case call.ended:
		return Errorf(ReasonCancelled, "the call of %s has ended", call.fn.name)
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

// finish ends the output. mu is held.
func (w *Writer) finish() {
	switch call := w.call; {
	case call.cancelled != nil:
		call.fail(call.cancelled)
	case call.outgoing != nil:
		call.outgoing.finish(nil)
	default:
		call.finish(w.whole, w.content)
	}
}
