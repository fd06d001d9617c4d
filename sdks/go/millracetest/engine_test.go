package millracetest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/millrace-run/millrace-go"
	"github.com/millrace-run/millrace-go/millracetest"
)

func app() *millrace.App {
	app := millrace.New()
	app.HandleBytes("echo", func(_ context.Context, in []byte) ([]byte, error) { return in, nil })
	app.HandleBytes("relay", func(ctx context.Context, in []byte) ([]byte, error) { return millrace.CallBytes(ctx, "echo", in) })
	app.HandleBytes("wait", func(ctx context.Context, _ []byte) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() })
	app.HandleBytes("wait-below", func(ctx context.Context, _ []byte) ([]byte, error) { return millrace.CallBytes(ctx, "wait", nil) })
	millrace.HandleOn(app, "down", func(ctx context.Context, left int) (int, error) {
		if left == 0 {
			info, _ := millrace.FromContext(ctx)
			return info.Depth, nil
		}
		return millrace.Call[int](ctx, "down", left-1)
	})
	return app
}

func TestPayloadsOfAnySizeComeBackThroughAnInternalCall(t *testing.T) {
	engine := millracetest.Start(t, app())
	for _, size := range []int{0, 1, 959, 960, 961, 65_536, 1 << 20} {
		input := bytes.Repeat([]byte{7}, size)
		output, err := engine.CallBytes(t.Context(), "relay", input)
		if err != nil || !bytes.Equal(output, input) {
			t.Errorf("%d bytes: %d came back, %v", size, len(output), err)
		}
	}
}

func TestThirtyTwoCallsOverlap(t *testing.T) {
	engine := millracetest.Start(t, app())
	failures := make(chan error)
	for at := range 32 {
		go func() {
			input := bytes.Repeat([]byte{byte(at)}, 5000)
			output, err := engine.CallBytes(t.Context(), "relay", input)
			if err == nil && !bytes.Equal(output, input) {
				err = errors.New("other bytes came back")
			}
			failures <- err
		}()
	}
	for range 32 {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
}

func TestARecursionIsBoundedByDepth(t *testing.T) {
	engine := millracetest.Start(t, app(), millracetest.MaxDepth(10))
	if depth, err := millracetest.Call[int](t.Context(), engine, "down", 10); depth != 10 || err != nil {
		t.Errorf("%d, %v", depth, err)
	}
	if _, err := millracetest.Call[int](t.Context(), engine, "down", 11); !errors.Is(err, millrace.ReasonHandlerError) || !strings.Contains(err.Error(), "depth_exceeded") {
		t.Errorf("the error is %v", err)
	}
}

func TestADeadlineEndsTheWholeTree(t *testing.T) {
	engine := millracetest.Start(t, app())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := engine.CallBytes(ctx, "wait-below", nil); !errors.Is(err, millrace.ReasonDeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

func TestACancelledCallerCancelsTheCall(t *testing.T) {
	started, seen := make(chan struct{}), make(chan error, 1)
	app := millrace.New()
	app.HandleBytes("wait", func(ctx context.Context, _ []byte) ([]byte, error) {
		close(started)
		<-ctx.Done()
		seen <- context.Cause(ctx)
		return nil, ctx.Err()
	})
	engine := millracetest.Start(t, app)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, err := engine.CallBytes(ctx, "wait", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if err := <-seen; !errors.Is(err, millrace.ReasonCancelled) {
		t.Errorf("the cause is %v", err)
	}
}

func TestFaultsStrikeAsOftenAsTheyAreTold(t *testing.T) {
	engine := millracetest.Start(t, app())
	engine.Fail(t, "echo", 2, &millrace.Error{Reason: millrace.ReasonBadInput, Code: "E1"})
	for range 2 {
		_, err := engine.CallBytes(t.Context(), "relay", nil)
		var failure *millrace.Error
		if !errors.As(err, &failure) || failure.Code != "E1" || failure.Function != "echo" {
			t.Errorf("the error is %+v", failure)
		}
	}
	if _, err := engine.CallBytes(t.Context(), "relay", nil); err != nil {
		t.Error(err)
	}
	engine.Hang(t, "echo", 1)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := engine.CallBytes(ctx, "echo", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	if calls := engine.Calls(); calls[0].Function != "echo" || calls[0].Err == nil || calls[0].Depth != 1 {
		t.Errorf("the first call was %+v", calls[0])
	}
}

func TestLogsAreKeptWithTheirFunction(t *testing.T) {
	logger := slog.New(millrace.NewLogHandler(nil))
	app := millrace.New()
	app.HandleBytes("log", func(ctx context.Context, _ []byte) ([]byte, error) {
		logger.InfoContext(ctx, "hello", "n", 1)
		return nil, nil
	})
	engine := millracetest.Start(t, app)
	if _, err := engine.CallBytes(t.Context(), "log", nil); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(engine.Logs()); got != `[{log INFO hello {"n":1}}]` {
		t.Errorf("the logs are %s", got)
	}
}

func TestStreamsGoThroughFromAppToApp(t *testing.T) {
	caller, callee := millrace.New(), millrace.New()
	callee.HandleStream("upper", func(_ context.Context, in *millrace.Reader, out *millrace.Writer) error {
		for part, err := range in.Parts() {
			if err != nil {
				return err
			}
			if _, err := out.Write(bytes.ToUpper(part)); err != nil {
				return err
			}
		}
		return nil
	})
	caller.HandleBytes("start", func(ctx context.Context, in []byte) ([]byte, error) {
		output, err := millrace.CallStream(ctx, "upper", bytes.NewReader(in))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(output)
	})
	engine := millracetest.Start(t, caller, millracetest.With(callee))
	input := bytes.Repeat([]byte("stream "), 30_000)
	output, err := engine.CallBytes(t.Context(), "start", input)
	if err != nil || !bytes.Equal(output, bytes.ToUpper(input)) {
		t.Errorf("%d bytes came, %v", len(output), err)
	}
}

func TestAFunctionThatNobodyServesIsNotFound(t *testing.T) {
	engine := millracetest.Start(t, app())
	if _, err := engine.CallBytes(t.Context(), "missing", nil); !errors.Is(err, millrace.ReasonNotFound) {
		t.Errorf("the error is %v", err)
	}
}
