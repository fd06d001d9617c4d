package millrace

import (
	"context"
	"sync"
	"time"
)

// callContext is the context of one call. The real one of package context, with its channel and timer, is made when
// somebody first asks for it: most handlers never do.
type callContext struct {
	deadline    time.Time
	hasDeadline bool
	name        string

	mu sync.Mutex
	// cancelled says why the call should stop; nil: it should not. Written under the channel's mu too.
	cancelled *Error
	real      context.Context
	end       context.CancelCauseFunc
	stopTimer context.CancelFunc
	// over: the call has ended.
	over bool
}

type contextKey struct{}

// Deadline is when the call must have ended, by this machine's clock.
func (c *callContext) Deadline() (time.Time, bool) { return c.deadline, c.hasDeadline }

// Done is closed when the caller gives up or the deadline passes.
func (c *callContext) Done() <-chan struct{} { return c.made().Done() }

// Err is context.Canceled or context.DeadlineExceeded once Done is closed; context.Cause gives the *Error.
func (c *callContext) Err() error {
	c.mu.Lock()
	cancelled, real, over := c.cancelled, c.real, c.over
	c.mu.Unlock()
	switch {
	case cancelled != nil && cancelled.Reason == ReasonDeadlineExceeded:
		return context.DeadlineExceeded
	case cancelled != nil || over:
		return context.Canceled
	case real != nil:
		return real.Err()
	case c.expired():
		return c.made().Err()
	}
	return nil
}

// Value finds the call itself; the rest is up to package context.
func (s *servedCall) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return s
	}
	return s.made().Value(key)
}

func (c *callContext) made() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real != nil {
		return c.real
	}
	c.real, c.end = context.WithCancelCause(context.Background())
	if c.cancelled != nil {
		c.end(c.cancelled)
	} else if c.over {
		c.end(c.endedError())
	} else if c.hasDeadline {
		c.real, c.stopTimer = context.WithDeadlineCause(c.real, c.deadline, c.deadlineError())
	}
	return c.real
}

// cancel ends the context.
func (c *callContext) cancel(why *Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancelled != nil {
		return
	}
	c.cancelled = why
	if c.end != nil {
		c.end(why)
	}
}

// forget ends the context, as the call has ended, and gives its timer back.
func (c *callContext) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.end != nil {
		c.end(c.endedError())
		if c.stopTimer != nil {
			c.stopTimer()
		}
	}
}

func (c *callContext) endedError() *Error {
	return Errorf(ReasonCancelled, "the call of %s has ended", c.name)
}

func (c *callContext) expired() bool { return c.hasDeadline && !time.Now().Before(c.deadline) }

func (c *callContext) deadlineError() *Error {
	return Errorf(ReasonDeadlineExceeded, "%s did not end in time", c.name)
}

// Info is what a handler can know of its call.
type Info struct {
	// ID is the number of the call on this worker's channel.
	ID uint32
	// Function is the name of the function that runs.
	Function string
	// Depth counts the internal calls above this one; 0: it came from outside.
	Depth int
	// Priority is the call's RFC 9218 urgency: 0 is the most urgent, 7 the least.
	Priority int
	// Attempt says which try this is, from 1. Above 1 only when an earlier one surely never started.
	Attempt int
	// Queued is the time that the call waited in the engine.
	Queued time.Duration
	// Content is what the input is.
	Content Content
	// Trace is the call's W3C Trace Context.
	Trace Trace
}

// Trace is a W3C Trace Context.
type Trace struct {
	// ID is the trace-id; all zero: the call has no trace.
	ID [16]byte
	// Span is the engine's span for this call.
	Span [8]byte
	// Flags are the trace-flags; bit 0: somebody up the call tree records this trace.
	Flags uint8
}

// FromContext is what there is to know of the call to which a context belongs. false: it belongs to none.
func FromContext(ctx context.Context) (Info, bool) {
	if call := callOf(ctx); call != nil {
		return call.info, true
	}
	return Info{}, false
}

func callOf(ctx context.Context) *servedCall {
	if call, ok := ctx.(*servedCall); ok {
		return call
	}
	call, _ := ctx.Value(contextKey{}).(*servedCall)
	return call
}
