// Package millracetest tests functions without an engine's process: an engine in memory runs them over the same
// protocol, with dispatch, internal calls, streams, deadlines, cancellation and limits.
//
//	engine := millracetest.Start(t, app)
//	greeting, err := millracetest.Call[string](ctx, engine, "greet", "Ada")
//
// A handler alone is a plain function: call it with a context and an input.
package millracetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/millrace-run/millrace-go"
	"github.com/millrace-run/millrace-go/internal/kit"
)

// Limits of an engine when its options say nothing.
const (
	// DefaultTimeout limits calls that set no limit.
	DefaultTimeout = 60 * time.Second
	// DefaultMaxDepth is how many internal calls may be above a call.
	DefaultMaxDepth = 64
	// DefaultMaxPayloadBytes is the size of the largest payload.
	DefaultMaxPayloadBytes = 8 << 20
)

// Engine runs the functions of some Apps within the process of a test.
type Engine struct{ engine kit.Engine }

// Option changes an engine.
type Option func(*kit.Options)

// Timeout limits calls that set no limit. Default 60 s; 0: nothing does.
func Timeout(limit time.Duration) Option { return func(o *kit.Options) { o.Timeout = limit } }

// MaxDepth is how many internal calls may be above a call, 1 to 255. Default 64.
func MaxDepth(calls int) Option { return func(o *kit.Options) { o.MaxDepth = calls } }

// MaxPayloadBytes is the size of the largest payload, in either direction. Default 8 MiB.
func MaxPayloadBytes(bytes uint32) Option {
	return func(o *kit.Options) { o.MaxPayloadBytes = bytes }
}

// With adds an App, which gets a worker of its own.
func With(app *millrace.App) Option {
	return func(o *kit.Options) { o.Apps = append(o.Apps, app) }
}

// Start starts an engine with a worker for the App, and stops it when the test ends. A worker that does not start, or
// breaks the protocol, fails the test. Each App can be started once.
func Start(t testing.TB, app *millrace.App, options ...Option) *Engine {
	t.Helper()
	all := kit.Options{Apps: []any{app}, Timeout: DefaultTimeout, MaxDepth: DefaultMaxDepth, MaxPayloadBytes: DefaultMaxPayloadBytes}
	for _, option := range options {
		option(&all)
	}
	engine, err := kit.Start(all)
	if err != nil {
		t.Fatalf("the workers do not start: %v", err)
	}
	e := &Engine{engine}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Errorf("a worker did not end in order: %v", err)
		}
	})
	return e
}

// Stop drains the workers: calls that run finish. Twice is allowed.
func (e *Engine) Stop() error { return e.engine.Stop() }

// Call makes an external call and decodes its output, as millrace.Call does. Cancelling ctx cancels the call; its
// deadline is the call's limit. The error is a *millrace.Error.
func Call[Out any](ctx context.Context, engine *Engine, name string, input any) (Out, error) {
	var out Out
	bytes, content, err := kit.Encode(input)
	if err != nil {
		return out, err
	}
	output, content, err := engine.invoke(ctx, name, bytes, content)
	if err == nil {
		err = kit.Decode(output, content, &out)
	}
	return out, err
}

// CallBytes makes an external call with bytes and returns its output's bytes.
func (e *Engine) CallBytes(ctx context.Context, name string, input []byte) ([]byte, error) {
	output, _, err := e.invoke(ctx, name, input, uint8(millrace.ContentBytes))
	return output, err
}

func (e *Engine) invoke(ctx context.Context, name string, input []byte, content uint8) ([]byte, uint8, error) {
	request := kit.Request{Name: name, Input: input, Content: content, Priority: 3}
	if deadline, has := ctx.Deadline(); has {
		request.Timeout = max(time.Microsecond, time.Until(deadline))
	}
	return e.engine.Invoke(ctx, request)
}

// Fail makes the next calls of a function fail with an error instead of running. The newest fault of a function counts.
func (e *Engine) Fail(t testing.TB, name string, calls int, err error) {
	t.Helper()
	if err := e.engine.Fault(name, calls, func(context.Context) error { return err }); err != nil {
		t.Fatal(err)
	}
}

// Hang makes the next calls of a function wait until they are cancelled or run out of time.
func (e *Engine) Hang(t testing.TB, name string, calls int) {
	t.Helper()
	err := e.engine.Fault(name, calls, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// CallRecord is what became of a call. Err is nil when it was ok.
type CallRecord struct {
	Function string
	Depth    int
	Err      error
}

// Calls are the calls that ended so far, internal ones too, oldest first. The newest 10,000.
func (e *Engine) Calls() (records []CallRecord) {
	for _, call := range e.engine.Calls() {
		records = append(records, CallRecord(call))
	}
	return records
}

// LogRecord is what a handler logged. Attributes is a JSON object, or empty.
type LogRecord struct {
	Function   string
	Level      slog.Level
	Message    string
	Attributes string
}

// Logs are the records logged so far by millrace.LogHandler, oldest first. The newest 10,000.
func (e *Engine) Logs() (records []LogRecord) {
	for _, record := range e.engine.Logs() {
		records = append(records, LogRecord(record))
	}
	return records
}
