// Package kit is the door between package millrace, which has the engine in memory, and package millracetest, which
// shows it to tests. Package millrace fills in the variables.
package kit

import (
	"context"
	"log/slog"
	"time"
)

// Options is what an engine in memory is made of.
type Options struct {
	// Apps are *millrace.App; each gets a worker.
	Apps []any
	// Timeout limits calls that set none; 0: nothing does.
	Timeout time.Duration
	// MaxDepth bounds the internal calls above a call.
	MaxDepth int
	// MaxPayloadBytes bounds a payload.
	MaxPayloadBytes uint32
}

// Request is an external call.
type Request struct {
	Name     string
	Input    []byte
	Content  uint8
	Timeout  time.Duration
	Priority int
}

// Call is what became of a call. Err is nil when it was ok.
type Call struct {
	Function string
	Depth    int
	Err      error
}

// Log is one record of a handler.
type Log struct {
	Function   string
	Level      slog.Level
	Message    string
	Attributes string
}

// Engine is an engine in memory.
type Engine interface {
	Invoke(ctx context.Context, request Request) (output []byte, content uint8, err error)
	// Fault makes the next calls of a function fail; fewer than 0: all of them.
	Fault(name string, calls int, fault func(ctx context.Context) error) error
	Calls() []Call
	Logs() []Log
	Stop() error
}

var (
	// Start starts an engine in memory.
	Start func(Options) (Engine, error)
	// Encode makes an input of a value, Decode a value of an output.
	Encode func(value any) ([]byte, uint8, error)
	Decode func(payload []byte, content uint8, into any) error
)
