package millrace

import (
	"io"
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
	// files is the payload directory; nil: the launch named none.
	files *payloadFiles
	// drainBy is when the drain's time is over; zero: never.
	drainBy  time.Time
	exitCode int
	// lost is what Serve returns; nil after a good end.
	lost error
	// stopping: stop hooks run.
	stopping bool
	// rings is the channel's pipe when it may become rings; nil: it may not.
	rings *ringPipe
	// welcomed is closed when the engine takes calls here, gone when everything is over.
	welcomed, gone chan struct{}
}

func newWorker(app *App, p pipe, say func(string)) *worker {
	w := &worker{app: app, say: say, welcomed: make(chan struct{}), gone: make(chan struct{})}
	w.channel = newChannel(p, &inbox{worker: w})
	w.channel.openCalls = w.openCalls
	w.rings, _ = p.(*ringPipe)
	return w
}

// start says HELLO and begins to read.
func (w *worker) start(token string) {
	w.channel.lock()
	w.channel.sendCold(typeHello, helloOf(w.app.functions, featuresOf(w.files != nil, w.rings != nil), token, w.app.maxCalls), nil)
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
	says, fault := readWelcome(body, featuresOf(w.files != nil, w.rings != nil), w.app.maxCalls)
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
	var files *payloadFiles
	if says.files {
		files = w.files
	}
	w.caller = newCaller(c, says, names)
	w.caller.files = files
	names.caller = w.caller
	w.served = &servedCalls{
		channel: c, caller: w.caller, log: w.log, functions: byID, welcome: says, files: files, open: map[uint32]*servedCall{},
		onIdle: func() { w.finish(exitOK, nil) },
	}
	w.state = stateReady
	if w.rings != nil {
		w.attach(says.rings)
	}
	close(w.welcomed)
	return nil
}

// attach sends ATTACHED, after which everything goes by the ring: rule ring-attached.
func (w *worker) attach(accepted bool) {
	w.rings.settle(accepted)
	if accepted {
		w.channel.begin(typeAttached)
		w.channel.send(0)
		w.rings.switchOutAfter(w.channel.outbox.tail - w.channel.outbox.head)
	}
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

// onBroken ends the channel: rule channel-breach-ends.
func (w *worker) onBroken(fault *verdict) {
	w.sendGoodbye(goodbyeBody{reason: ReasonProtocolError, rule: fault.rule, message: cut(fault.text, goodbyeBytesMax)})
	w.fault(exitProtocol, Errorf(ReasonProtocolError, "the engine broke the rule %s: %s", fault.rule, fault.text))
}

var _ io.Writer = (*Writer)(nil)
