package millrace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestHelloNamesTheFunctionsFeaturesTokenAndCallsAtOnce(t *testing.T) {
	app := echoApp(MaxCalls(9))
	HandleOn(app, "sum", func(context.Context, []int) (int, error) { return 0, nil }, FunctionTimeout(time.Second))
	e := startScripted(t, app, nil)
	h := e.hello
	if h.token != testToken || h.maxCalls != 9 || fmt.Sprint(h.functions) != "[{echo 0} {sum 1000000}]" || len(h.features) != 4 {
		t.Errorf("HELLO says %+v", h)
	}
}

func TestHelloOfManyFunctionsSpansMessages(t *testing.T) {
	app := New()
	for at := range 200 {
		app.HandleBytes(fmt.Sprintf("function-%d", at), func(_ context.Context, in []byte) ([]byte, error) { return in, nil })
	}
	e := &scriptedEngine{t: t, toWorker: newMemoryStream(1 << 20), out: newMemoryStream(memoryBytesMax), result: make(chan error, 1)}
	go func() {
		e.result <- app.serve(context.Background(), newMemoryPipe(e.toWorker, e.out), testToken, func(string) {})
	}()
	var span coldSpan
	for {
		body, whole, fault := span.take(e.expect(typeHello))
		if fault != nil {
			t.Fatal(fault)
		}
		if whole {
			if err := e.hello.decode(body[versionPrefixBytes:]); err != nil || len(e.hello.functions) != 200 {
				t.Fatalf("%v, %d functions", err, len(e.hello.functions))
			}
			break
		}
	}
	e.toWorker.end()
	e.expectExit(exitEngineGone)
}

func TestDrainRefusesFinishesAndSaysGoodbye(t *testing.T) {
	app := New()
	gate := make(chan struct{})
	stopped := make(chan string, 2)
	app.HandleBytes("wait", func(context.Context, []byte) ([]byte, error) { <-gate; return nil, nil })
	app.OnStop(func(context.Context) error { stopped <- "first"; return nil })
	app.OnStop(func(context.Context) error { stopped <- "second"; panic("in a hook") })
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, ""), made(typeDrain, nil, nil), made(typeDrain, nil, nil), invoke(4, 1, ""))
	e.expectError(4, ReasonDraining)
	close(gate)
	e.expectResult(2, "")
	e.expectGoodbye(0, "")
	e.expectExit(exitOK)
	if <-stopped != "second" || <-stopped != "first" {
		t.Error("stop hooks did not run newest first")
	}
}

func TestAWorkerWhoseContextEndsLeavesInOrder(t *testing.T) {
	app := echoApp()
	ctx, cancel := context.WithCancel(context.Background())
	e := &scriptedEngine{t: t, toWorker: newMemoryStream(1 << 20), out: newMemoryStream(memoryBytesMax), result: make(chan error, 1)}
	go func() { e.result <- app.serve(ctx, newMemoryPipe(e.toWorker, e.out), testToken, func(string) {}) }()
	hello := e.expect(typeHello)
	if err := e.hello.decode(hello.body()[versionPrefixBytes:]); err != nil {
		t.Fatal(err)
	}
	w := welcomeAll(e.hello)
	e.sendCold(typeWelcome, append(appendPrefix(nil, 1, 1), w.encode()...))
	e.barrier()
	cancel()
	if m := e.expect(typeCapacity); m.capacity() != 0 {
		t.Errorf("CAPACITY is %d", m.capacity())
	}
	e.expectGoodbye(0, "")
	e.expectExit(exitOK)
}

func TestAStartHookThatFailsKeepsTheWorkerFromStarting(t *testing.T) {
	app := echoApp()
	app.OnStart(func(context.Context) error { return errors.New("no database") })
	out := newMemoryStream(memoryBytesMax)
	err := app.serve(context.Background(), newMemoryPipe(newMemoryStream(1), out), testToken, func(string) {})
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Code != exitConfig || !strings.Contains(err.Error(), "no database") {
		t.Errorf("Serve returned %v", err)
	}
	if len(out.bytes) > 0 {
		t.Error("HELLO was sent")
	}
}

func TestCapacityIsSentAsSetAndRefusedBeyondTheOffer(t *testing.T) {
	app := echoApp(MaxCalls(4))
	e := startScripted(t, app, nil)
	e.barrier()
	if err := app.SetCapacity(3); err != nil {
		t.Fatal(err)
	}
	if m := e.expect(typeCapacity); m.capacity() != 3 {
		t.Errorf("CAPACITY is %d", m.capacity())
	}
	if err := app.SetCapacity(5); err == nil {
		t.Error("5 of 4 calls were taken")
	}
}

func TestLogsOfAHandlerAreTiedToItsCall(t *testing.T) {
	app := New()
	logger := slog.New(NewLogHandler(&slog.HandlerOptions{Level: slog.LevelDebug})).With("app", "test")
	app.HandleBytes("log", func(ctx context.Context, _ []byte) ([]byte, error) {
		logger.WarnContext(ctx, "slow page", "page", 7)
		logger.DebugContext(ctx, strings.Repeat("long ", 1000))
		return nil, nil
	})
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, ""))
	var record logBody
	m := e.expect(typeLog)
	if err := record.decode(m.body()); err != nil {
		t.Fatal(err)
	}
	if m.callID() != 2 || record != (logBody{logWarn, "slow page", `{"app":"test","page":7}`}) {
		t.Errorf("LOG of call %d: %+v", m.callID(), record)
	}
	parts := 1
	for e.expect(typeLog).more() {
		parts++
	}
	if parts != 6 {
		t.Errorf("5,000 letters came in %d parts", parts)
	}
	e.expectResult(2, "")
}
