package millrace

import "io"

// pendingCall is one internal call, from Call to its final message. Guarded by the channel's mu, but for what is set
// before it begins.
type pendingCall struct {
	parent    *servedCall
	name      string
	input     []byte
	content   Content
	stream    io.Reader
	timeoutUs uint32
	priority  uint8
	// reader gets the output as it comes; nil: it is collected.
	reader *Reader

	// id is its number on the channel; 0: INVOKE was not sent.
	id, functionID uint32
	incoming       incomingPayload
	outgoing       *outgoingPayload
	// staleError is the failure that made it ask for its name once more.
	staleError *Error
	// settled: the caller has its outcome; on the channel the call may still be open.
	settled       bool
	waiter        waiter
	output        []byte
	outputContent Content
	// inputFile has the input already, until INVOKE names it; empty: it goes in messages.
	inputFile string
	// outputFile is the name of the output's payload file, outputBytes its size; empty: it came in messages.
	outputFile  string
	outputBytes uint32
	err         error
}

func (p *pendingCall) succeed(output []byte, content Content) {
	if p.settled {
		return
	}
	p.settled, p.output, p.outputContent = true, output, content
	p.waiter.wake()
}

func (p *pendingCall) fail(err error) {
	if p.settled {
		return
	}
	p.settled, p.err = true, err
	if p.outgoing != nil {
		p.outgoing.stop()
	}
	if p.incoming != nil {
		p.incoming.fail(err)
	}
	if p.reader != nil {
		p.reader.fail(err)
	}
	p.waiter.wake()
}

// ended is why a call cannot be made by a parent that has ended.
func (p *pendingCall) parentEnded() *Error {
	return Errorf(ReasonCancelled, "%s called %s after its own call had ended", p.parent.fn.name, p.name)
}
