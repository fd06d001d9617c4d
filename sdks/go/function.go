package millrace

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"
)

// functionKind says how a function takes its input.
type functionKind uint8

const (
	kindValue functionKind = iota
	kindBytes
	kindStream
)

// function is one that this worker serves.
type function struct {
	name      string
	kind      functionKind
	timeoutUs uint32
	content   Content
	// value runs a handler with a whole input: it reads the input before it calls user code, and returns the output
	// with its content. The output may be anything's until the call ends.
	value func(call *servedCall, input []byte, content Content) (output []byte, outputContent Content, err error)
	// stream runs a handler that reads and writes as it goes.
	stream func(ctx context.Context, in *Reader, out *Writer) error
	// fault, if there is one, replaces the handler: the test kit's.
	fault atomic.Pointer[func(ctx context.Context) error]
}

// FunctionOption changes what a function says of itself.
type FunctionOption func(*function) error

// FunctionTimeout is the time limit of a call that the function asks for, at least 1 µs and at most 71 minutes.
// Default: the engine's.
func FunctionTimeout(limit time.Duration) FunctionOption {
	return func(f *function) error {
		us, err := timeoutUs(limit, "timeout of "+f.name)
		f.timeoutUs = us
		return err
	}
}

// OutputContent is what the output of a HandleBytes or HandleStream function is, for callers that care, such as HTTP
// clients. Default: ContentBytes.
func OutputContent(content Content) FunctionOption {
	return func(f *function) error {
		if f.kind == kindValue {
			return usage("%s gives values, whose content is JSON; OutputContent is for HandleBytes and HandleStream", f.name)
		}
		f.content = content
		return nil
	}
}

// Handle serves a function that takes and gives JSON on the default App. See HandleOn.
func Handle[In, Out any](name string, handler func(ctx context.Context, in In) (Out, error), options ...FunctionOption) {
	HandleOn(defaultApp, name, handler, options...)
}

// HandleOn serves a function that takes and gives JSON.
//
// The input is decoded into In by encoding/json; an empty payload leaves In at its zero value. Input that does not
// decode fails with ReasonBadInput before the handler runs. With In string, a text payload arrives as it is; with In
// []byte, any payload does. The output is encoded by encoding/json; with Out []byte it is sent as it is.
//
// An error that the handler returns fails the call: with its own reason when it is, or wraps, an *Error, otherwise with
// ReasonHandlerError. A panic fails it with ReasonHandlerError and its stack, and the worker goes on.
//
// The handler runs in a goroutine; calls overlap. Its context is cancelled when the caller gives up or the deadline
// passes. Panics with a *UsageError when the name has not the form of a function's name (rule name-form) or is taken.
func HandleOn[In, Out any](app *App, name string, handler func(ctx context.Context, in In) (Out, error), options ...FunctionOption) {
	f := &function{name: name, content: ContentJSON}
	f.value = func(call *servedCall, input []byte, content Content) ([]byte, Content, error) {
		var in In
		if err := decodeInput(input, content, &in); err != nil {
			return nil, 0, Errorf(ReasonBadInput, "input of %s %w", name, err)
		}
		call.begin()
		out, err := handler(call, in)
		if err != nil {
			return nil, 0, err
		}
		return encodeOutput(out)
	}
	app.add(f, handler == nil, options)
}

// HandleBytes serves a function of bytes on the default App. See App.HandleBytes.
func HandleBytes(name string, handler func(ctx context.Context, in []byte) ([]byte, error), options ...FunctionOption) {
	defaultApp.HandleBytes(name, handler, options...)
}

// HandleBytes serves a function that takes its whole input as bytes and gives bytes, whatever the content. The input
// is the handler's own; the output must not change until the call ends. Fails and panics as HandleOn does.
func (a *App) HandleBytes(name string, handler func(ctx context.Context, in []byte) ([]byte, error), options ...FunctionOption) {
	f := &function{name: name, kind: kindBytes, content: ContentBytes}
	f.value = func(call *servedCall, input []byte, _ Content) ([]byte, Content, error) {
		call.begin()
		out, err := handler(call, input)
		return out, f.content, err
	}
	a.add(f, handler == nil, options)
}

// HandleStream serves a function of streams on the default App. See App.HandleStream.
func HandleStream(name string, handler func(ctx context.Context, in *Reader, out *Writer) error, options ...FunctionOption) {
	defaultApp.HandleStream(name, handler, options...)
}

// HandleStream serves a function that reads its input as it comes, at most 32 messages ahead of the handler, and
// writes its output as it goes. The output ends when the handler returns; when it returns an error, the call fails,
// whatever was written. Fails and panics as HandleOn does.
func (a *App) HandleStream(name string, handler func(ctx context.Context, in *Reader, out *Writer) error, options ...FunctionOption) {
	f := &function{name: name, kind: kindStream, content: ContentBytes, stream: handler}
	a.add(f, handler == nil, options)
}

// encodeOutput makes an output of a handler's value.
func encodeOutput(value any) ([]byte, Content, error) {
	if bytes, ok := value.([]byte); ok {
		return bytes, ContentBytes, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, 0, fmt.Errorf("the output is no JSON: %w", err)
	}
	return text, ContentJSON, nil
}

// timeoutUs is a time limit as the wire has it.
func timeoutUs(limit time.Duration, what string) (uint32, error) {
	us := limit.Microseconds()
	if us < 1 {
		return 0, usage("%s is %v; use at least 1µs", what, limit)
	}
	return uint32(min(us, timeoutUsMax)), nil
}
