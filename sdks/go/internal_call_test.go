package millrace

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// callerApp has a function that does with its context what a test says.
func callerApp(do func(ctx context.Context) (string, error)) *App {
	app := New()
	app.HandleBytes("caller", func(ctx context.Context, _ []byte) ([]byte, error) {
		text, err := do(ctx)
		return []byte(text), err
	})
	return app
}

// resolve answers the RESOLVE that comes next.
func (e *scriptedEngine) resolve(name string, id uint32) {
	e.t.Helper()
	if m := e.expect(typeResolve); string(m.body()) != name {
		e.t.Fatalf("RESOLVE asks for %q", m.body())
	}
	e.send(resolved(name, id, StatusOK))
}

func TestAnInternalCallResolvesOnceAndNamesItsParent(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		one, err := Call[int](ctx, "sum", []int{1, 2})
		if err != nil {
			return "", err
		}
		two, err := Call[int](ctx, "sum", []int{3, 4}, Timeout(50*time.Millisecond), Priority(0))
		return fmt.Sprint(one, two), err
	}), nil)
	m := invoke(2, 1, "")
	m.setPriority(5)
	e.send(m)
	e.resolve("sum", 9)
	m = e.expect(typeInvoke)
	if m.callID() != 1 || m.parentCallID() != 2 || m.functionID() != 9 || m.priority() != 5 || m.timeoutUs() != 0 || m.attempt() != 1 ||
		m.depth() != 0 || Content(m.content()) != ContentJSON || string(m.body()) != "[1,2]" {
		t.Errorf("INVOKE is % x", m[:80])
	}
	answer := result(1, "3")
	answer.setContent(uint8(ContentJSON))
	e.send(answer)
	m = e.expect(typeInvoke)
	if m.callID() != 3 || m.timeoutUs() != 50_000 || m.priority() != 0 {
		t.Errorf("the second INVOKE is % x", m[:80])
	}
	answer = result(3, "7")
	answer.setContent(uint8(ContentJSON))
	e.send(answer)
	e.expectResult(2, "3 7")
}

func TestAFunctionThatNobodyHasIsNotFound(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		_, err := CallBytes(ctx, "missing", nil)
		var failure *Error
		if !errors.As(err, &failure) || !errors.Is(err, ReasonNotFound) || failure.Function != "missing" || failure.Retryable() {
			return "", fmt.Errorf("the error is %v", err)
		}
		return "told", nil
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeResolve)
	e.send(resolved("missing", 0, StatusNotFound))
	e.expectResult(2, "told")
}

func TestAStaleIdIsResolvedOnceMore(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		output, err := CallBytes(ctx, "moved", []byte("in"))
		return string(output), err
	}), nil)
	e.send(invoke(2, 1, ""))
	e.resolve("moved", 9)
	e.expect(typeInvoke)
	e.send(failed(1, failureBody{reason: ReasonNotFound}))
	e.resolve("moved", 10)
	if m := e.expect(typeInvoke); m.callID() != 3 || m.functionID() != 10 || string(m.body()) != "in" {
		t.Errorf("INVOKE %d of function %d with %q", m.callID(), m.functionID(), m.body())
	}
	e.send(result(3, "out"))
	e.expectResult(2, "out")
}

func TestAFailureOfTheCalleeIsAnErrorWithAllItSays(t *testing.T) {
	said := failureBody{reason: ReasonBadInput, code: "C", message: "m", errorType: "E", stack: "s", function: "f", retry: RetryYes}
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		_, err := CallBytes(ctx, "caller", nil)
		var f *Error
		if !errors.As(err, &f) {
			return "", err
		}
		return fmt.Sprint(f.Reason, f.Status, f.Code, f.Message, f.Type, f.Stack, f.Function, f.Retryable()), nil
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeInvoke) // Its own name needs no RESOLVE: WELCOME told the id.
	e.send(failed(1, said))
	e.expectResult(2, "bad_input 3CmEsftrue")
}

func TestAnUnknownReasonAndAnEmptyBodyAreHandlerErrors(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (text string, _ error) {
		for range 2 {
			_, err := CallBytes(ctx, "caller", nil)
			var f *Error
			if !errors.As(err, &f) {
				return "", err
			}
			text += fmt.Sprint(f.Reason, f.Status, " ")
		}
		return text, nil
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeInvoke)
	m := failed(1, failureBody{reason: 9999})
	m.setStatus(14)
	e.send(m)
	e.expect(typeInvoke)
	e.send(made(typeError, nil, func(m message) { m.setCallID(3); m.setStatus(2) }))
	e.expectResult(2, "handler_error 14 handler_error 2 ")
}

func TestACancelledContextOfOnesOwnCancelsTheCallAndOnlyThat(t *testing.T) {
	started := make(chan context.CancelFunc, 1)
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		inner, cancel := context.WithCancel(ctx)
		started <- cancel
		_, err := CallBytes(inner, "caller", nil)
		return fmt.Sprint(errors.Is(err, ReasonCancelled), errors.Is(err, context.Canceled), ctx.Err()), nil
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeInvoke)
	(<-started)()
	if m := e.expect(typeCancel); m.callID() != 1 {
		t.Errorf("CANCEL is for call %d", m.callID())
	}
	e.expectResult(2, "true true <nil>")
	e.send(result(1, "late"))
	e.barrier()
}

func TestAContextsEarlierDeadlineIsTheInternalCallsLimit(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		inner, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		_, err := CallBytes(inner, "caller", nil, Timeout(2*time.Hour))
		return "", err
	}), nil)
	e.send(invoke(2, 1, ""))
	if m := e.expect(typeInvoke); m.timeoutUs() > 3_600_000_000 || m.timeoutUs() < 3_500_000_000 {
		t.Errorf("timeout_us is %d", m.timeoutUs())
	}
	e.send(result(1, ""))
	e.expectResult(2, "")
}

func TestACancelGoesDownToTheInternalCalls(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		_, err := CallBytes(ctx, "caller", nil)
		return "", err
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeInvoke)
	e.send(about(typeCancel, 2))
	if m := e.expect(typeCancel); m.callID() != 1 {
		t.Errorf("CANCEL is for call %d", m.callID())
	}
	e.expectError(2, ReasonCancelled)
}
