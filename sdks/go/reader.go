package millrace

import (
	"bytes"
	"io"
	"iter"
)

// Reader gives a payload as it comes: the input of a HandleStream function, or the output of CallStream. At most 32
// messages wait here; its sender goes on as they are read, so a reader that stops stops the sender. For one goroutine
// at a time.
type Reader struct {
	receipt receipt
	channel *channel
	// onLeft: the reader went away before the end. mu is held.
	onLeft func()
	// rest is what Read has left of a part.
	rest []byte

	// Guarded by mu.
	parts   []readerPart
	begun   bool
	ended   bool
	failed  error
	content Content
	waiter  *waiter
}

type readerPart struct {
	bytes  []byte
	inData bool
}

// Read reads what has come, and waits when nothing has. io.EOF: the payload has ended. An *Error: it never will,
// because the call failed, was cancelled or ran out of time.
func (r *Reader) Read(into []byte) (int, error) {
	if len(into) == 0 {
		return 0, nil
	}
	if len(r.rest) == 0 {
		part, err := r.Next()
		if err != nil {
			return 0, err
		}
		r.rest = part
	}
	n := copy(into, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Next gives the next part as it came, at least 1 byte: up to 960, or all of a payload that came in a file. The bytes are
// the caller's own. Errors are those of Read.
func (r *Reader) Next() ([]byte, error) {
	if rest := r.rest; len(rest) > 0 {
		r.rest = nil
		return rest, nil
	}
	r.channel.lock()
	defer r.channel.release()
	for {
		switch {
		case len(r.parts) > 0:
			part := r.parts[0]
			r.parts[0] = readerPart{}
			r.parts = r.parts[1:]
			if part.inData && !r.ended && r.failed == nil {
				r.receipt.consume()
			}
			return part.bytes, nil
		case r.failed != nil:
			return nil, r.failed
		case r.ended:
			return nil, io.EOF
		}
		r.wait()
	}
}

// Parts iterates over the parts, as Next gives them, until the end or an error, which comes last. Leaving the loop
// early leaves the rest unread; see Close.
func (r *Reader) Parts() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			part, err := r.Next()
			if err == io.EOF || !yield(part, err) || err != nil {
				return
			}
		}
	}
}

// Content is what the payload is. For an output it waits for the first bytes; ContentBytes when the call failed before.
func (r *Reader) Content() Content {
	r.channel.lock()
	defer r.channel.release()
	for !r.begun && r.failed == nil {
		r.wait()
	}
	return r.content
}

// Close drops what was not read. For an output it cancels the call if it still runs. Always nil; twice is allowed.
func (r *Reader) Close() error {
	r.channel.lock()
	defer r.channel.release()
	if r.failed == nil {
		early := !r.ended
		r.ended, r.parts = true, nil
		if early && r.onLeft != nil {
			r.onLeft()
		}
	}
	r.rest = nil
	return nil
}

func (r *Reader) wait() {
	w := &waiter{}
	r.waiter = w
	r.channel.await(w, nil)
}

// begin tells what will come. mu is held, here and below.
func (r *Reader) begin(callID, announced uint32, content Content) {
	r.receipt = receipt{channel: r.channel, callID: callID, announced: announced}
	r.begun, r.content = true, content
	r.rouse()
}

func (r *Reader) bytes() uint64 { return r.receipt.total }

func (r *Reader) take(m message, inData, last bool) *verdict {
	part := m.body()
	if fault := r.receipt.count(len(part), inData, last); fault != nil {
		return fault
	}
	if r.ended || r.failed != nil {
		return nil
	}
	if len(part) > 0 {
		r.parts = append(r.parts, readerPart{bytes.Clone(part), inData})
	}
	r.ended = last
	r.rouse()
	return nil
}

// give gives all of a payload that did not come in messages.
func (r *Reader) give(whole []byte) {
	if r.ended || r.failed != nil {
		return
	}
	if len(whole) > 0 {
		r.parts = append(r.parts, readerPart{whole, false})
	}
	r.ended = true
	r.rouse()
}

func (r *Reader) fail(err error) {
	if r.ended || r.failed != nil {
		return
	}
	r.failed = err
	r.rouse()
}

func (r *Reader) rouse() {
	if r.waiter != nil {
		r.waiter.wake()
		r.waiter = nil
	}
}
