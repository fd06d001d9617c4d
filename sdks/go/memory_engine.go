package millrace

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/millrace-run/millrace-go/internal/kit"
)

// memoryRecordsMax bounds the calls and logs that an engine in memory keeps, each; the oldest go first. Unit: records.
const memoryRecordsMax = 10_000

func init() {
	kit.Start = func(options kit.Options) (kit.Engine, error) { return startMemoryEngine(options) }
	kit.Encode = func(value any) ([]byte, uint8, error) {
		bytes, content, err := encodeInput(value)
		return bytes, uint8(content), err
	}
	kit.Decode = func(payload []byte, content uint8, into any) error {
		return decodeOutput(payload, Content(content), into)
	}
}

// memoryEngine is an engine within the process of its workers, for tests: the same messages over pipes in memory, with
// dispatch, deadlines, cancellation and limits, but no gateway, no processes and no replacement of workers.
type memoryEngine struct {
	options kit.Options
	// mu guards everything below and in its workers and calls.
	mu        sync.Mutex
	workers   []*memoryWorker
	functions []memoryFunction
	calls     []kit.Call
	logs      []kit.Log
	ready     sync.WaitGroup
}

// memoryFunction has the id of its place, from 1.
type memoryFunction struct {
	name     string
	worker   *memoryWorker
	function *function
}

func startMemoryEngine(options kit.Options) (*memoryEngine, error) {
	e := &memoryEngine{options: options}
	for _, one := range options.Apps {
		app, ok := one.(*App)
		if !ok {
			return nil, usage("%T is no *millrace.App", one)
		}
		w := &memoryWorker{
			engine: e, app: app, open: map[uint32]*memoryCall{}, started: map[uint32]*memoryCall{}, capacity: app.maxCalls,
			in: newMemoryStream(1 << 30), out: newMemoryStream(memoryBytesMax), ended: make(chan error, 1),
		}
		for _, f := range app.functions {
			if e.find(f.name) >= 0 {
				return nil, usage("two functions are named %q", f.name)
			}
			e.functions = append(e.functions, memoryFunction{f.name, w, f})
		}
		e.workers = append(e.workers, w)
	}
	for _, w := range e.workers {
		e.ready.Add(1)
		go w.serve()
		go w.listen()
	}
	e.ready.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, w := range e.workers {
		if w.failed != nil {
			return nil, w.failed
		}
	}
	return e, nil
}

func (e *memoryEngine) find(name string) int {
	return slices.IndexFunc(e.functions, func(f memoryFunction) bool { return f.name == name })
}

// Invoke makes an external call.
func (e *memoryEngine) Invoke(ctx context.Context, request kit.Request) ([]byte, uint8, error) {
	e.mu.Lock()
	call := &memoryCall{engine: e, name: request.Name, rest: request.Input, credit: creditMax, done: make(chan struct{})}
	call.head = make(message, messageBytes)
	call.head[offsetType] = typeInvoke
	call.head.setPayloadLength(uint32(len(request.Input)))
	call.head.setContent(request.Content)
	call.head.setPriority(uint8(request.Priority))
	n := copy(call.head[headerBytes:], call.rest)
	call.head.setBodyLength(uint16(n))
	if call.rest = call.rest[n:]; len(call.rest) > 0 {
		call.head.setFlags(flagMore)
	}
	call.begin(request.Timeout)
	e.mu.Unlock()
	select {
	case <-call.done:
	case <-ctx.Done():
		e.mu.Lock()
		call.abandon(contextError(ctx, request.Name))
		e.mu.Unlock()
	}
	if call.err != nil {
		return nil, 0, call.err
	}
	return call.output, uint8(call.content), nil
}

// Fault makes calls of a function fail.
func (e *memoryEngine) Fault(name string, calls int, fault func(ctx context.Context) error) error {
	at := e.find(name)
	if at < 0 {
		return usage("there is no function %q", name)
	}
	var left atomic.Int64
	left.Store(int64(calls))
	strike := func(ctx context.Context) error {
		if calls >= 0 && left.Add(-1) < 0 {
			return nil
		}
		return fault(ctx)
	}
	e.functions[at].function.fault.Store(&strike)
	return nil
}

// Calls are the calls that ended, oldest first.
func (e *memoryEngine) Calls() []kit.Call {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.calls)
}

// Logs are the records that handlers logged, oldest first.
func (e *memoryEngine) Logs() []kit.Log {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.logs)
}

// Stop drains every worker, and returns the first fault of one.
func (e *memoryEngine) Stop() (first error) {
	e.mu.Lock()
	for _, w := range e.workers {
		w.send(made0(typeDrain, 0))
	}
	e.mu.Unlock()
	for _, w := range e.workers {
		if err := <-w.ended; err != nil && first == nil {
			first = err
		}
		w.ended <- nil // Stop may be called again.
		e.mu.Lock()
		if w.failed != nil && first == nil {
			first = w.failed
		}
		e.mu.Unlock()
	}
	return first
}

func (e *memoryEngine) keepLog(call *memoryCall, record logBody) {
	name := ""
	if call != nil {
		name = call.name
	}
	level := map[uint32]slog.Level{logDebug: slog.LevelDebug, logInfo: slog.LevelInfo, logWarn: slog.LevelWarn, logError: slog.LevelError}[record.level]
	e.logs = append(e.logs, kit.Log{Function: name, Level: level, Message: record.message, Attributes: record.attributesJSON})
	e.logs = e.logs[max(0, len(e.logs)-memoryRecordsMax):]
}

func (e *memoryEngine) keepCall(call *memoryCall) {
	e.calls = append(e.calls, kit.Call{Function: call.name, Depth: int(call.head.depth()), Err: call.err})
	e.calls = e.calls[max(0, len(e.calls)-memoryRecordsMax):]
}

// made0 is a message without a body.
func made0(number uint8, callID uint32) message {
	m := make(message, messageBytes)
	m[offsetType] = number
	m.setCallID(callID)
	return m
}

// shortest is the smallest of some limits, of which 0 is none.
func shortest(limits ...time.Duration) (least time.Duration) {
	for _, limit := range limits {
		if limit > 0 && (least == 0 || limit < least) {
			least = limit
		}
	}
	return least
}

func noFunction(name string) *Error {
	return &Error{Reason: ReasonNotFound, Function: name, Message: fmt.Sprintf("there is no function named %q", name)}
}
