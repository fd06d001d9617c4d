package millrace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func echoApp(options ...Option) *App {
	app := New(options...)
	app.HandleBytes("echo", func(_ context.Context, in []byte) ([]byte, error) { return in, nil })
	return app
}

func TestEchoOfInlineSizesIsOneResultWithACleanTail(t *testing.T) {
	e := startScripted(t, echoApp(), nil)
	id := uint32(2)
	for _, size := range []int{960, 0, 1, 959, 960, 3} {
		input := strings.Repeat("x", size)
		e.send(invoke(id, 1, input))
		e.expectResult(id, input)
		id += 2
	}
}

func TestCallsOverlapAndEndInAnyOrder(t *testing.T) {
	app := New()
	gates := map[string]chan struct{}{"a": make(chan struct{}), "b": make(chan struct{})}
	app.HandleBytes("wait", func(_ context.Context, in []byte) ([]byte, error) {
		<-gates[string(in)]
		return in, nil
	})
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, "a"), invoke(4, 1, "b"))
	if open := e.barrier(); open != 2 {
		t.Errorf("%d calls are open", open)
	}
	close(gates["b"])
	e.expectResult(4, "b")
	close(gates["a"])
	e.expectResult(2, "a")
}

func TestAFunctionOfValuesDecodesAndEncodesByContent(t *testing.T) {
	type in struct{ A, B int }
	app := New()
	HandleOn(app, "add", func(_ context.Context, in in) (int, error) { return in.A + in.B, nil })
	HandleOn(app, "shout", func(_ context.Context, in string) (string, error) { return strings.ToUpper(in), nil })
	HandleOn(app, "raw", func(_ context.Context, in []byte) ([]byte, error) { return in, nil })
	e := startScripted(t, app, nil)
	for at, one := range []struct {
		function uint32
		content  Content
		in, out  string
		made     Content
	}{
		{1, ContentJSON, `{"A":2,"B":3}`, "5", ContentJSON},
		{1, ContentBytes, `{"A":2}`, "2", ContentJSON},
		{1, ContentJSON, ``, "0", ContentJSON},
		{2, ContentText, `hey`, `"HEY"`, ContentJSON},
		{2, ContentJSON, `"hey"`, `"HEY"`, ContentJSON},
		{3, ContentCBOR, "\x01\x02", "\x01\x02", ContentBytes},
	} {
		id := uint32(2 + 2*at)
		m := invoke(id, one.function, one.in)
		m.setContent(uint8(one.content))
		e.send(m)
		if got := e.expectResult(id, one.out); Content(got.content()) != one.made {
			t.Errorf("%+v gives content %d", one, got.content())
		}
	}
}

func TestInputThatDoesNotDecodeIsBadInputWithItsPlace(t *testing.T) {
	app := New()
	HandleOn(app, "add", func(_ context.Context, in []int) (int, error) { return len(in), nil })
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, "[1,\n x]"))
	if f := e.expectError(2, ReasonBadInput); !strings.Contains(f.message, "input of add is not JSON") || !strings.Contains(f.message, "line 2, column 2") {
		t.Errorf("message %q", f.message)
	}
	e.send(invoke(4, 1, `"text"`))
	if f := e.expectError(4, ReasonBadInput); !strings.Contains(f.message, "does not fit") {
		t.Errorf("message %q", f.message)
	}
	m := invoke(6, 1, "x")
	m.setContent(uint8(ContentProtobuf))
	e.send(m)
	e.expectError(6, ReasonBadInput)
}

func TestAnErrorOfAHandlerKeepsItsReasonCodeAndHint(t *testing.T) {
	app := New()
	HandleOn(app, "fail", func(_ context.Context, how string) (int, error) {
		switch how {
		case "plain":
			return 0, errors.New("no luck")
		case "own":
			return 0, &Error{Reason: ReasonBadInput, Code: "NO_USER", Message: "no such user", Retry: RetryNo}
		case "wrapped":
			return 0, fmt.Errorf("looking up: %w", Errorf(ReasonNotFound, "no such page"))
		case "status":
			return 0, &Error{Reason: ReasonHandlerError, Status: StatusAborted, Message: "once more"}
		case "engine's":
			return 0, Errorf(ReasonQueueFull, "elsewhere")
		}
		panic("at the disco")
	})
	e := startScripted(t, app, nil)
	id := uint32(0)
	fail := func(how string, reason Reason) failureBody {
		id += 2
		m := invoke(id, 1, how)
		m.setContent(uint8(ContentText))
		e.send(m)
		return e.expectError(id, reason)
	}
	if f := fail("plain", ReasonHandlerError); f.message != "no luck" || f.errorType != "*errors.errorString" {
		t.Errorf("plain: %+v", f)
	}
	if f := fail("own", ReasonBadInput); f.code != "NO_USER" || f.retry != RetryNo {
		t.Errorf("own: %+v", f)
	}
	if f := fail("wrapped", ReasonNotFound); !strings.Contains(f.message, "looking up: not_found: no such page") {
		t.Errorf("wrapped: %+v", f)
	}
	fail("status", ReasonHandlerError)
	if f := fail("engine's", ReasonHandlerError); f.message != "queue_full: elsewhere" {
		t.Errorf("engine's: %+v", f)
	}
	if f := fail("panic", ReasonHandlerError); f.message != "panic: at the disco" || !strings.Contains(f.stack, "served_test.go") {
		t.Errorf("panic: %+v", f)
	}
	if open := e.barrier(); open != 0 {
		t.Errorf("%d calls are open after a panic", open)
	}
}

func TestCancelEndsTheContextWithTheErrorAsItsCause(t *testing.T) {
	app := New()
	causes := make(chan error, 2)
	app.HandleBytes("wait", func(ctx context.Context, _ []byte) ([]byte, error) {
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		<-child.Done()
		causes <- ctx.Err()
		causes <- context.Cause(child)
		return nil, ctx.Err()
	})
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, ""), about(typeCancel, 2), about(typeCancel, 2))
	e.expectError(2, ReasonCancelled)
	if err := <-causes; err != context.Canceled {
		t.Errorf("Err is %v", err)
	}
	var cause *Error
	if err := <-causes; !errors.As(err, &cause) || cause.Reason != ReasonCancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is %v", err)
	}
	e.send(about(typeCancel, 2)) // Late: rule call-late-dropped.
	e.barrier()
}

func TestAHandlerThatIsQuickerThanItsCancelGivesItsResult(t *testing.T) {
	app := New()
	app.HandleBytes("stubborn", func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return []byte("done"), nil
	})
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, ""), about(typeCancel, 2))
	e.expectResult(2, "done")
}

func TestTheDeadlineIsTheContextsAndEndsIt(t *testing.T) {
	app := New()
	app.HandleBytes("wait", func(ctx context.Context, _ []byte) ([]byte, error) {
		if deadline, has := ctx.Deadline(); !has || time.Until(deadline) > 20*time.Millisecond {
			return nil, errors.New("no deadline")
		}
		<-ctx.Done()
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(context.Cause(ctx), ReasonDeadlineExceeded) {
			return nil, fmt.Errorf("Err is %v, the cause %v", ctx.Err(), context.Cause(ctx))
		}
		return nil, ctx.Err()
	})
	e := startScripted(t, app, nil)
	m := invoke(2, 1, "")
	m.setTimeoutUs(20_000)
	e.send(m)
	e.expectError(2, ReasonDeadlineExceeded)
}

func TestAContextEndsWithItsCall(t *testing.T) {
	app, contexts := New(), make(chan context.Context, 2)
	app.HandleBytes("keep", func(ctx context.Context, in []byte) ([]byte, error) {
		if len(in) > 0 {
			_ = ctx.Done() // One that was asked for before the end, and one that is only asked for after it.
		}
		contexts <- ctx
		return nil, nil
	})
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, "asked"))
	e.expectResult(2, "")
	e.send(invoke(4, 1, ""))
	e.expectResult(4, "")
	for range 2 {
		ctx := <-contexts
		<-ctx.Done()
		if ctx.Err() != context.Canceled || !errors.Is(context.Cause(ctx), ReasonCancelled) {
			t.Errorf("Err is %v, the cause %v", ctx.Err(), context.Cause(ctx))
		}
	}
}

func TestAHandlerKnowsItsCall(t *testing.T) {
	app := New()
	HandleOn(app, "info", func(ctx context.Context, _ any) (Info, error) {
		inner, cancel := context.WithCancel(ctx)
		defer cancel()
		info, known := FromContext(inner)
		if !known {
			return Info{}, errors.New("unknown")
		}
		return info, nil
	})
	e := startScripted(t, app, nil)
	m := invoke(2, 1, "")
	m.setDepth(3)
	m.setAttempt(2)
	m.setPriority(1)
	m.setQueueUs(12)
	m.setTraceID([16]byte{1})
	e.send(m)
	body := string(e.expect(typeResult).body())
	if !strings.Contains(body, `"ID":2,"Function":"info","Depth":3,"Priority":1,"Attempt":2,"Queued":12000`) {
		t.Errorf("info is %s", body)
	}
	if _, known := FromContext(context.Background()); known {
		t.Error("a context of no call has an Info")
	}
}

func TestAnInvokeOfAnUnknownIdIsNotFoundAndOneTooManyOverloaded(t *testing.T) {
	app := New(MaxCalls(1))
	gate := make(chan struct{})
	app.HandleBytes("wait", func(context.Context, []byte) ([]byte, error) { <-gate; return nil, nil })
	e := startScripted(t, app, nil)
	e.send(invoke(2, 4_000_000_000, ""))
	e.expectError(2, ReasonNotFound)
	e.send(invoke(4, 1, ""), invoke(6, 1, ""))
	e.expectError(6, ReasonOverloaded)
	close(gate)
	e.expectResult(4, "")
}
