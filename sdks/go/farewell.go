package millrace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// How a worker ends: who ended the channel, what is still done and said, and the exit code.

func (w *worker) onGoodbye(body []byte, status uint32) {
	w.channel.seal() // Rule goodbye-received: nothing is sent any more, not even a GOODBYE.
	says, well := readGoodbye(body, status)
	if well {
		w.lose(Errorf(ReasonInternal, "the engine said GOODBYE"))
		w.finish(exitOK, nil)
		return
	}
	about := []string{says.reason.String()}
	if says.rule != "" {
		about = append(about, "rule "+says.rule)
	}
	if says.message != "" {
		about = append(about, says.message)
	}
	what := "the engine ended the channel"
	if w.welcome == nil {
		what = "the engine refused this worker"
	}
	w.fault(exitProtocol, Errorf(ReasonProtocolError, "%s: %s", what, strings.Join(about, ": ")))
}

func (w *worker) onEnd(err error, truncated bool) {
	if beside := (errBeside{}); errors.As(err, &beside) && w.state != stateGone {
		w.onBroken(beside.verdict)
		return
	}
	switch w.state {
	case stateGone:
		return
	case stateEnding:
		// What was to be said can't be any more. Hooks that run go on, and the exit comes after them.
		if err != nil && w.exitCode == exitOK {
			w.exitCode, w.lost = exitEngineGone, fmt.Errorf("the engine is gone: %w", err)
		}
		if !w.stopping {
			w.end()
		}
		return
	}
	open := w.openCalls()
	if err == nil && !truncated && open == 0 && w.welcome != nil {
		w.lose(Errorf(ReasonInternal, "the engine is gone"))
		w.finish(exitOK, nil)
		return
	}
	line := "the engine is gone"
	switch {
	case truncated:
		line = "the engine cut a message short and is gone (rule channel-truncated)"
	case err != nil:
		line += fmt.Sprintf(" (%v)", err)
	}
	if open > 0 {
		line += fmt.Sprintf(" and left %d calls open", open)
	}
	w.fault(exitEngineGone, Errorf(ReasonInternal, "%s", line))
}

// fault ends everything for a reason that is told.
func (w *worker) fault(code int, why *Error) {
	w.lose(why)
	w.say(why.Message)
	w.finish(code, errors.New(why.Message))
}

// lose tells every open call that the channel is gone.
func (w *worker) lose(why *Error) {
	if w.caller != nil {
		w.caller.failAll(why)
		w.served.stopAll(&Error{Reason: ReasonCancelled, Message: why.Message, Cause: why})
	}
}

// finish runs the stop hooks for as long as they may take, says GOODBYE if nobody has, and ends.
func (w *worker) finish(code int, lost error) {
	if w.state >= stateEnding {
		return
	}
	w.state, w.exitCode, w.lost = stateEnding, code, lost
	hooks := w.app.stopHooks
	if len(hooks) == 0 {
		w.sayGoodbye()
		return
	}
	w.stopping = true
	left := stopHooksMax
	if !w.drainBy.IsZero() {
		left = min(left, max(0, time.Until(w.drainBy)))
	}
	go func() {
		w.runStopHooks(left)
		w.channel.lock()
		defer w.channel.release()
		w.stopping = false
		w.sayGoodbye()
	}()
}

// runStopHooks runs the hooks, newest first, until they end or their time does.
func (w *worker) runStopHooks(left time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), left)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for at := len(w.app.stopHooks) - 1; at >= 0; at-- {
			if err := runHook(ctx, w.app.stopHooks[at]); err != nil {
				w.say(fmt.Sprintf("an OnStop hook failed: %v", err))
			}
		}
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		w.say(fmt.Sprintf("OnStop hooks did not end within %v; ending without them", left))
	}
}

// sayGoodbye sends the last message and ends when it has left, or cannot.
func (w *worker) sayGoodbye() {
	if w.state == stateGone {
		return
	}
	w.sendGoodbye(goodbyeBody{})
	c := w.channel
	if c.ended {
		w.end()
		return
	}
	c.onEmpty = w.end
	time.AfterFunc(lastWriteMax, func() {
		c.lock()
		w.end()
		c.release()
	})
}

// sendGoodbye sends GOODBYE and nothing after it (rule goodbye-last); after a GOODBYE either way, nothing.
func (w *worker) sendGoodbye(says goodbyeBody) {
	body := append(appendPrefix(nil, protocolVersion, protocolVersion), says.encode()...)
	w.channel.sendCold(typeGoodbye, body, func(m message) {
		if says.reason != 0 {
			m.setStatus(uint32(says.reason.Status()))
		}
	})
	w.channel.seal()
}

// end leaves the channel.
func (w *worker) end() {
	if w.state == stateGone {
		return
	}
	w.state = stateGone
	w.channel.close()
	close(w.gone)
}

// runHook runs a hook; a panic is its error.
func runHook(ctx context.Context, hook func(context.Context) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v", value)
		}
	}()
	return hook(ctx)
}
