package millrace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// App is the functions that one worker serves, with its hooks. Register everything before Serve. The package's
// functions Handle, HandleBytes, HandleStream, OnStart, OnStop, SetCapacity, Serve and Main use one of their own, which
// is all that most programs need.
type App struct {
	functions  []*function
	byName     map[string]*function
	startHooks []func(context.Context) error
	stopHooks  []func(context.Context) error
	maxCalls   int
	mu         sync.Mutex
	served     bool
	worker     atomic.Pointer[worker]
	// payloads is the payload directory; nil: the launch named none. Set before serve.
	payloads *payloadFiles
}

var defaultApp = New()

// Option changes an App.
type Option func(*App)

// MaxCalls is how many calls the worker offers to run at once, 1 to 65,535; the engine may use fewer. Default 1,024.
// Panics with a *UsageError when it is out of range.
func MaxCalls(calls int) Option {
	if calls < 1 || calls > maxCallsMax {
		panic(usage("MaxCalls is %d; use 1 to %d", calls, maxCallsMax))
	}
	return func(app *App) { app.maxCalls = calls }
}

// New makes an App.
func New(options ...Option) *App {
	app := &App{byName: map[string]*function{}, maxCalls: maxCallsDefault}
	for _, option := range options {
		option(app)
	}
	return app
}

func (a *App) add(f *function, noHandler bool, options []FunctionOption) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !isFunctionName(f.name):
		panic(usage("%q can't name a function: use 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit", f.name))
	case noHandler:
		panic(usage("function %s has no handler", f.name))
	case a.byName[f.name] != nil:
		panic(usage("two functions are named %q; give one of them another name", f.name))
	case a.served:
		panic(usage("function %s comes too late: register it before Serve", f.name))
	case len(a.functions) == functionsPerWorkerMax:
		panic(usage("one worker serves at most %d functions", functionsPerWorkerMax))
	}
	for _, option := range options {
		if err := option(f); err != nil {
			panic(err)
		}
	}
	a.functions = append(a.functions, f)
	a.byName[f.name] = f
}

// OnStart registers a hook that runs before the worker says HELLO, in the order of registration. When one fails the
// worker does not start: Serve returns the error, and Main exits with 78.
func (a *App) OnStart(hook func(ctx context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.startHooks = append(a.startHooks, hook)
}

// OnStop registers a hook that runs when the last call has ended and the worker is about to end: after DRAIN, GOODBYE
// or the end of the engine, in the reverse order of registration. All of them together have the rest of the drain's
// time, at most 5 seconds; then their context ends and the worker goes without them. An error is printed and changes
// nothing else. A killed worker runs none.
func (a *App) OnStop(hook func(ctx context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopHooks = append(a.stopHooks, hook)
}

// SetCapacity tells the engine how many calls the worker takes at once from now on, 0 to what it offered; 0: none for
// the time being (feature capacity). Does nothing when no worker serves the App or the engine did not accept the
// feature. The error is a *UsageError.
func (a *App) SetCapacity(calls int) error {
	if calls < 0 || calls > a.maxCalls {
		return usage("capacity is %d; use 0 to the %d calls that this worker offered", calls, a.maxCalls)
	}
	if w := a.worker.Load(); w != nil {
		w.setCapacity(calls)
	}
	return nil
}

// Serve serves the App's functions to the engine that started this process, until the engine is done with it, or ctx
// ends: then the worker takes no more calls, finishes those that run, and leaves.
//
// nil: it drained, or the engine ended in order. Otherwise an *ExitError, whose code is what the process must exit with
// by the launch contract; Main does that.
func (a *App) Serve(ctx context.Context) error {
	in, out, token := os.Getenv("MILLRACE_CHANNEL_IN"), os.Getenv("MILLRACE_CHANNEL_OUT"), os.Getenv("MILLRACE_TOKEN")
	if in == "" || out == "" || token == "" {
		return &ExitError{exitConfig, "this is a Millrace worker and no engine started it: name it in millrace.yaml and run `millrace dev`", false}
	}
	// What this process starts must not inherit the token: rule launch-environment-cleared.
	payloads := os.Getenv("MILLRACE_PAYLOAD_DIR")
	memory := openSegment(os.Getenv("MILLRACE_RING"))
	for _, name := range []string{"MILLRACE_CHANNEL_IN", "MILLRACE_CHANNEL_OUT", "MILLRACE_TOKEN", "MILLRACE_PAYLOAD_DIR", "MILLRACE_RING"} {
		if err := os.Unsetenv(name); err != nil {
			return &ExitError{exitConfig, err.Error(), false}
		}
	}
	p, err := openFifos(in, out)
	if errors.Is(err, syscall.ENXIO) {
		return &ExitError{exitEngineGone, "the engine is gone: nobody reads the channel", false}
	} else if err != nil {
		return &ExitError{exitEngineGone, err.Error(), false}
	}
	if payloads != "" {
		a.payloads = &payloadFiles{directory: payloads}
	}
	if memory != nil {
		return a.serve(ctx, newRingPipe(p, memory), token, sayLine)
	}
	return a.serve(ctx, p, token, sayLine)
}

// serve serves over a pipe, which it takes over.
func (a *App) serve(ctx context.Context, p pipe, token string, say func(string)) error {
	a.mu.Lock()
	again, hooks := a.served, slices.Clone(a.startHooks)
	a.served = true
	a.mu.Unlock()
	w := newWorker(a, p, say)
	w.files = a.payloads
	if err := a.refuse(ctx, again, hooks); err != nil {
		w.channel.lock()
		w.end()
		w.channel.release()
		p.closeRead()
		return &ExitError{exitConfig, err.Error(), false}
	}
	a.worker.Store(w)
	w.start(token)
	stop := context.AfterFunc(ctx, w.leave)
	<-w.gone
	stop()
	a.worker.CompareAndSwap(w, nil)
	if w.exitCode != exitOK {
		return &ExitError{w.exitCode, w.lost.Error(), true}
	}
	return nil
}

// refuse says why a worker cannot start, having run the start hooks.
func (a *App) refuse(ctx context.Context, again bool, hooks []func(context.Context) error) error {
	if again {
		return usage("an App is served once")
	}
	if len(a.functions) == 0 {
		return usage("there is no function to serve")
	}
	for _, hook := range hooks {
		if err := runHook(ctx, hook); err != nil {
			return fmt.Errorf("an OnStart hook failed: %w", err)
		}
	}
	return nil
}

// ExitError is why a worker ended, when it was not in order.
type ExitError struct {
	// Code is what the process must exit with: 69 when the engine is gone, 76 when it broke the protocol or refused
	// this worker, 78 when the worker was not started by an engine or could not start.
	Code    int
	message string
	// said: it was printed already.
	said bool
}

// Error is one line for people.
func (e *ExitError) Error() string { return "millrace worker: " + e.message }

// Main serves the App and ends the process with the exit code of the launch contract, after one line on standard error
// when that is not 0. Never returns.
func (a *App) Main() {
	err := a.Serve(context.Background())
	var exit *ExitError
	if !errors.As(err, &exit) {
		os.Exit(exitOK)
	}
	if !exit.said {
		sayLine(exit.message)
	}
	os.Exit(exit.Code)
}

func sayLine(line string) { fmt.Fprintln(os.Stderr, "millrace worker: "+line) }

// OnStart registers a start hook of the default App. See App.OnStart.
func OnStart(hook func(ctx context.Context) error) { defaultApp.OnStart(hook) }

// OnStop registers a stop hook of the default App. See App.OnStop.
func OnStop(hook func(ctx context.Context) error) { defaultApp.OnStop(hook) }

// SetCapacity changes how many calls the default App's worker takes. See App.SetCapacity.
func SetCapacity(calls int) error { return defaultApp.SetCapacity(calls) }

// Serve serves the default App. See App.Serve.
func Serve(ctx context.Context, options ...Option) error {
	for _, option := range options {
		option(defaultApp)
	}
	return defaultApp.Serve(ctx)
}

// Main serves the default App and never returns. See App.Main.
func Main(options ...Option) {
	for _, option := range options {
		option(defaultApp)
	}
	defaultApp.Main()
}
