package millrace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Exit codes of a worker, by the launch contract.
const (
	// exitOK: drained, or the channel ended in order with nothing open.
	exitOK = 0
	// exitEngineGone is EX_UNAVAILABLE: no reader or writer on the other side.
	exitEngineGone = 69
	// exitProtocol is EX_PROTOCOL: the engine broke the protocol or refused the handshake.
	exitProtocol = 76
	// exitConfig is EX_CONFIG: not started by an engine, or it could not start.
	exitConfig = 78
)

type workerState uint8

const (
	stateStarting workerState = iota
	stateReady
	stateDraining
	// stateEnding: stop hooks run, or the last messages leave.
	stateEnding
	stateGone
)

// worker serves an App's functions over one channel. Guarded by the channel's mu.
type worker struct {
	app     *App
	channel *channel
	say     func(line string)
	state   workerState
	served  *servedCalls
	caller  *caller
	names   *names
	log     *workerLog
	welcome *welcome
	// drainBy is when the drain's time is over; zero: never.
	drainBy  time.Time
	exitCode int
	// lost is what Serve returns; nil after a good end.
	lost error
	// stopping: stop hooks run.
	stopping bool
	// welcomed is closed when the engine takes calls here, gone when everything is over.
	welcomed, gone chan struct{}
}

func newWorker(app *App, p pipe, say func(string)) *worker {
	w := &worker{app: app, say: say, welcomed: make(chan struct{}), gone: make(chan struct{})}
	w.channel = newChannel(p, &inbox{worker: w})
	w.channel.openCalls = w.openCalls
	return w
}

// start says HELLO and begins to read.
func (w *worker) start(token string) {
	w.channel.lock()
	w.channel.sendCold(typeHello, helloOf(w.app.functions, token, w.app.maxCalls), nil)
	w.channel.release()
	go w.channel.listen()
}

func (w *worker) openCalls() int {
	if w.served == nil {
		return 0
	}
	return len(w.served.open)
}

// onWelcome opens the channel: rules welcome-functions and function-id-unique.
func (w *worker) onWelcome(body []byte) *verdict {
	says, fault := readWelcome(body, w.app.maxCalls)
	if fault != nil {
		return fault
	}
	c := w.channel
	names := newNames(c, says.openResolvesMax)
	byID := map[uint32]*function{}
	for _, told := range says.functions {
		f := w.app.byName[told.name]
		if f == nil {
			return broken("welcome-functions", "WELCOME lists %q, which HELLO did not offer", told.name)
		}
		if told.id == 0 || byID[told.id] != nil {
			return broken("function-id-unique", "WELCOME gives %q the id %d", told.name, told.id)
		}
		byID[told.id] = f
		names.remember(told.name, told.id)
	}
	w.welcome, w.names = says, names
	w.log = &workerLog{channel: c, accepted: says.log, say: w.say}
	w.caller = newCaller(c, says, names)
	names.caller = w.caller
	w.served = &servedCalls{
		channel: c, caller: w.caller, log: w.log, functions: byID, welcome: says, open: map[uint32]*servedCall{},
		onIdle: func() { w.finish(exitOK, nil) },
	}
	w.state = stateReady
	close(w.welcomed)
	return nil
}

func (w *worker) onPing(nonce uint32) {
	m := w.channel.begin(typePong)
	m.setNonce(nonce)
	m.setOpenCalls(uint32(w.openCalls()))
	w.channel.send(0)
}

func (w *worker) onDrain(timeoutUs uint32) {
	if w.state != stateReady {
		return // Rule drain-repeated.
	}
	if timeoutUs > 0 {
		w.drainBy = time.Now().Add(time.Duration(timeoutUs) * time.Microsecond)
	}
	w.state = stateDraining
	w.served.drain()
}

// leave drains because this side wants to.
func (w *worker) leave() {
	w.channel.lock()
	defer w.channel.release()
	if w.state == stateStarting {
		w.finish(exitOK, nil)
		return
	}
	if w.state == stateReady && w.welcome.capacity {
		w.sendCapacity(0)
	}
	w.onDrain(0)
}

func (w *worker) setCapacity(calls int) {
	w.channel.lock()
	defer w.channel.release()
	if w.state == stateReady && w.welcome.capacity {
		w.sendCapacity(uint32(calls))
	}
}

func (w *worker) sendCapacity(calls uint32) {
	m := w.channel.begin(typeCapacity)
	m.setCapacity(calls)
	w.channel.send(0)
}

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

// onBroken ends the channel: rule channel-breach-ends.
func (w *worker) onBroken(fault *verdict) {
	w.sendGoodbye(goodbyeBody{reason: ReasonProtocolError, rule: fault.rule, message: cut(fault.text, goodbyeBytesMax)})
	w.fault(exitProtocol, Errorf(ReasonProtocolError, "the engine broke the rule %s: %s", fault.rule, fault.text))
}

func (w *worker) onEnd(err error, truncated bool) {
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

var _ io.Writer = (*Writer)(nil)
