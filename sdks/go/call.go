package millrace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// CallOption changes one internal call.
type CallOption func(*pendingCall) error

// Timeout limits an internal call, to at least 1 µs. It never outlasts the calling function's own deadline: the engine
// takes the smaller. A deadline of the context counts too. Default: only that deadline, and the callee's own limit.
func Timeout(limit time.Duration) CallOption {
	return func(call *pendingCall) error {
		us, err := timeoutUs(limit, "timeout of the call of "+call.name)
		call.timeoutUs = us
		return err
	}
}

// Priority is the RFC 9218 urgency of an internal call: 0 is the most urgent, 7 the least. Default: the calling call's
// own (rule internal-priority).
func Priority(urgency int) CallOption {
	return func(call *pendingCall) error {
		if urgency < 0 || urgency > 7 {
			return usage("priority of the call of %s is %d; use 0 (urgent) to 7", call.name, urgency)
		}
		call.priority = uint8(urgency)
		return nil
	}
}

// InputContent is what the bytes of an internal call's input are. Default: ContentBytes for []byte and streams,
// otherwise ContentJSON.
func InputContent(content Content) CallOption {
	return func(call *pendingCall) error {
		call.content = content
		return nil
	}
}

// Call calls another function, in whatever language it is written, and decodes its output into Out. A []byte input is
// sent as it is, anything else as JSON; the output is decoded by its content: JSON, an array for NDJSON, a string for
// text; with Out []byte it is given as it is, and with Out any what is neither JSON nor text is a []byte.
//
//	sum, err := millrace.Call[int](ctx, "sum", []int{1, 2, 3}, millrace.Timeout(50*time.Millisecond))
//
// ctx is the handler's, or one made from it: the call belongs to its call and ends with it. The error is an *Error
// when the callee failed, time ran out, the call was cancelled or the channel ended, and a *UsageError when nothing
// was sent because an option is out of range or ctx is no handler's.
func Call[Out any](ctx context.Context, name string, input any, options ...CallOption) (Out, error) {
	var out Out
	bytes, content, err := encodeInput(input)
	if err != nil {
		return out, usage("the input for %s is no JSON: %v", name, err)
	}
	output, content, err := call(ctx, &pendingCall{name: name, input: bytes, content: content}, options)
	if err != nil {
		return out, err
	}
	if err := decodeOutput(output, content, &out); err != nil {
		// The callee is to blame for an output that is not what its content says.
		failure := Errorf(ReasonHandlerError, "output %w", err)
		failure.Function = name
		return out, failure
	}
	return out, nil
}

// CallBytes calls another function with bytes and returns its output's bytes, which are the caller's own, whatever
// their content. Otherwise like Call.
func CallBytes(ctx context.Context, name string, input []byte, options ...CallOption) ([]byte, error) {
	output, _, err := call(ctx, &pendingCall{name: name, input: input}, options)
	return output, err
}

// CallStream calls another function and gives its output as it comes; the call starts at once. The input is read from
// an io.Reader, in a goroutine, as the callee takes it; nil is an empty input. Reading gives the errors that Call
// would return. Close leaves early and cancels the call; a reader that was read to its end needs none.
//
// The error is that of Call when nothing was sent.
func CallStream(ctx context.Context, name string, input io.Reader, options ...CallOption) (*Reader, error) {
	p := &pendingCall{name: name, stream: input}
	done, err := prepare(ctx, p, options)
	if err != nil {
		return nil, err
	}
	caller := p.parent.calls.caller
	c := caller.channel
	p.reader = &Reader{channel: c}
	p.reader.onLeft = func() { caller.cancel(p, Errorf(ReasonCancelled, "the reader of %s's output left", name)) }
	if done != nil {
		// The parent's context, which ends at the latest with its call, forgets it.
		context.AfterFunc(ctx, func() {
			c.lock()
			caller.cancel(p, contextError(ctx, name))
			c.release()
		})
	}
	c.lock()
	caller.begin(p)
	c.release()
	return p.reader, nil
}

// call makes an internal call and waits for its outcome.
func call(ctx context.Context, p *pendingCall, options []CallOption) ([]byte, Content, error) {
	done, err := prepare(ctx, p, options)
	if err != nil {
		return nil, 0, err
	}
	caller := p.parent.calls.caller
	c := caller.channel
	if caller.files != nil && caller.welcome.inFile(len(p.input)) {
		p.inputFile = caller.files.write(p.input, functionOwner(p.name))
	}
	c.lock()
	caller.begin(p)
	if !p.settled {
		c.await(&p.waiter, done)
		if !p.settled {
			caller.cancel(p, contextError(ctx, p.name))
		}
	}
	c.release()
	if p.inputFile != "" {
		caller.files.discard(p.inputFile) // INVOKE was never sent.
	}
	if p.outputFile != "" {
		p.loadOutput(caller.files)
	}
	return p.output, p.outputContent, p.err
}

// loadOutput reads the output's payload file; one that is refused fails the call: rule file-refused.
func (p *pendingCall) loadOutput(files *payloadFiles) {
	output, rule := files.read(p.outputFile, p.outputBytes, functionOwner(p.name))
	p.output = output
	if rule != "" {
		why := fileFault(ReasonProtocolError, p.outputFile, rule)
		why.Function = p.name
		p.err = why
	}
}

// prepare checks what a call is made of. done is nil when the parent's own end is all that can end it early.
func prepare(ctx context.Context, p *pendingCall, options []CallOption) (done <-chan struct{}, err error) {
	p.parent = callOf(ctx)
	if p.parent == nil {
		return nil, usage("%s was called with a context that is no handler's; pass on the one that the handler got", p.name)
	}
	if !isFunctionName(p.name) {
		return nil, usage("%q can't name a function: rule name-form", p.name)
	}
	p.priority = uint8(p.parent.info.Priority)
	for _, option := range options {
		if err := option(p); err != nil {
			return nil, err
		}
	}
	if own, ok := ctx.(*servedCall); ok && own == p.parent {
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, contextError(ctx, p.name)
	}
	if deadline, has := ctx.Deadline(); has && !(p.parent.hasDeadline && !deadline.Before(p.parent.deadline)) {
		left := uint32(min(max(time.Until(deadline).Microseconds(), 1), timeoutUsMax))
		if p.timeoutUs == 0 || left < p.timeoutUs {
			p.timeoutUs = left
		}
	}
	return ctx.Done(), nil
}

// contextError is why a call ends with its context.
func contextError(ctx context.Context, name string) *Error {
	cause := context.Cause(ctx)
	var own *Error
	if errors.As(cause, &own) {
		return own
	}
	reason := ReasonCancelled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		reason = ReasonDeadlineExceeded
	}
	return &Error{Reason: reason, Message: fmt.Sprintf("the call of %s ended with its context: %v", name, cause), Cause: cause}
}

func encodeInput(value any) ([]byte, Content, error) {
	if bytes, ok := value.([]byte); ok {
		return bytes, ContentBytes, nil
	}
	text, err := json.Marshal(value)
	return text, ContentJSON, err
}

// sendStream sends a streamed input as it comes, after INVOKE.
func (p *pendingCall) sendStream(caller *caller) {
	c := caller.channel
	buffer := make([]byte, inputChunkBytes)
	for {
		n, err := p.stream.Read(buffer)
		c.lock()
		outgoing := p.outgoing
		if outgoing == nil || outgoing.ended {
			c.release()
			return
		}
		if n > 0 {
			outgoing.write(buffer[:n], nil)
		}
		if err == io.EOF {
			outgoing.finish(nil)
		} else if err != nil {
			caller.cancel(p, asError(err))
		}
		c.release()
		if err != nil {
			return
		}
	}
}
