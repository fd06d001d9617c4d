package millrace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// pipedEngine is the engine's side of a channel over real pipes.
type pipedEngine struct {
	t        *testing.T
	in, out  *os.File
	result   chan error
	received message
}

func startPiped(t *testing.T, app *App) *pipedEngine {
	t.Helper()
	ends := func() (read, write *os.File) {
		var fds [2]int
		if err := syscall.Pipe2(fds[:], syscall.O_NONBLOCK|syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		return os.NewFile(uintptr(fds[0]), "read"), os.NewFile(uintptr(fds[1]), "write")
	}
	e := &pipedEngine{t: t, result: make(chan error, 1), received: make(message, messageBytes)}
	var workerIn, workerOut *os.File
	workerIn, e.in = ends()
	e.out, workerOut = ends()
	p, err := newFilePipe(workerIn, workerOut)
	if err != nil {
		t.Fatal(err)
	}
	go func() { e.result <- app.serve(context.Background(), p, testToken, func(string) {}) }()
	hello := e.next()
	var says helloBody
	if err := says.decode(hello.body()[versionPrefixBytes:]); err != nil {
		t.Fatal(err)
	}
	w := welcomeAll(says)
	e.send(made(typeWelcome, append(appendPrefix(nil, 1, 1), w.encode()...), nil))
	return e
}

func (e *pipedEngine) send(m message) {
	e.t.Helper()
	if _, err := e.in.Write(m); err != nil {
		e.t.Fatal(err)
	}
}

func (e *pipedEngine) next() message {
	e.t.Helper()
	if _, err := io.ReadFull(e.out, e.received); err != nil {
		e.t.Fatal(err)
	}
	return e.received
}

// onProcessors runs a test with one processor, where goroutines look for messages themselves, and with several.
func onProcessors(t *testing.T, test func(t *testing.T)) {
	for _, processors := range []int{1, 4} {
		t.Run(fmt.Sprintf("on %d processors", processors), func(t *testing.T) {
			before := runtime.GOMAXPROCS(processors)
			defer runtime.GOMAXPROCS(before)
			test(t)
		})
	}
}

func TestSequentialCallsOverPipesAllEnd(t *testing.T) {
	onProcessors(t, func(t *testing.T) {
		e := startPiped(t, echoApp())
		for at := range uint32(2_000) {
			e.send(invoke(2+2*at, 1, "hello"))
			if m := e.next(); m.callID() != 2+2*at || string(m.body()) != "hello" {
				t.Fatalf("call %d: %q", m.callID(), m.body())
			}
		}
		e.send(made(typeDrain, nil, nil))
		if m := e.next(); m.messageType() != typeGoodbye {
			t.Errorf("%s came", typeName(m.messageType()))
		}
		if err := <-e.result; err != nil {
			t.Error(err)
		}
	})
}

func TestOverlappingInternalCallsOverPipesAllEnd(t *testing.T) {
	onProcessors(t, func(t *testing.T) {
		const lanes, calls = 4, 300
		e := startPiped(t, callerApp(func(ctx context.Context) (string, error) {
			failures := make(chan error, lanes)
			for range lanes {
				go func() {
					for range calls {
						if _, err := CallBytes(ctx, "caller", []byte("x")); err != nil {
							failures <- err
							return
						}
					}
					failures <- nil
				}()
			}
			var all error
			for range lanes {
				all = errors.Join(all, <-failures)
			}
			return "done", all
		}))
		e.send(invoke(2, 1, ""))
		for range lanes * calls {
			m := e.next()
			if m.messageType() != typeInvoke {
				t.Fatalf("%s came", typeName(m.messageType()))
			}
			e.send(result(m.callID(), ""))
		}
		if m := e.next(); string(m.body()) != "done" {
			t.Errorf("%q", m.body())
		}
	})
}

func TestACallThatBlocksItsGoroutineStopsNobody(t *testing.T) {
	onProcessors(t, func(t *testing.T) {
		app, gate := echoApp(), make(chan struct{})
		app.HandleBytes("block", func(context.Context, []byte) ([]byte, error) { <-gate; return nil, nil })
		e := startPiped(t, app)
		for at := range uint32(50) { // So that messages come fast.
			e.send(invoke(2+2*at, 1, ""))
			e.next()
		}
		e.send(invoke(1000, 2, ""))
		e.send(invoke(1002, 1, "free"))
		if m := e.next(); m.callID() != 1002 {
			t.Errorf("call %d ended first", m.callID())
		}
		close(gate)
		if m := e.next(); m.callID() != 1000 {
			t.Errorf("call %d ended", m.callID())
		}
	})
}

func TestAFullPipeToTheEngineDoesNotStopReading(t *testing.T) {
	onProcessors(t, func(t *testing.T) {
		cancelled := make(chan struct{})
		app := New()
		app.HandleBytes("large", func(context.Context, []byte) ([]byte, error) { return make([]byte, 30*960), nil })
		app.HandleBytes("wait", func(ctx context.Context, _ []byte) ([]byte, error) {
			<-ctx.Done()
			close(cancelled)
			return nil, ctx.Err()
		})
		e := startPiped(t, app)
		e.send(invoke(2, 2, ""))
		for at := range uint32(10) {
			e.send(invoke(4+2*at, 1, ""))
		}
		e.send(about(typeCancel, 2))
		<-cancelled // Though 300 messages wait and nobody reads them.
		finals := 0
		for finals < 11 {
			if m := e.next(); m.messageType() == typeError || m.messageType() == typeResult && !m.more() {
				finals++
			}
		}
	})
}

func TestAnEngineThatIsGoneEndsTheWorkerWith69(t *testing.T) {
	onProcessors(t, func(t *testing.T) {
		e := startPiped(t, callerApp(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}))
		e.send(invoke(2, 1, ""))
		e.in.Close()
		var exit *ExitError
		if err := <-e.result; !errors.As(err, &exit) || exit.Code != exitEngineGone {
			t.Errorf("Serve returned %v", err)
		}
	})
}

func TestAnEngineThatReadsNoMoreEndsTheWorkerWith69(t *testing.T) {
	onProcessors(t, func(t *testing.T) {
		e := startPiped(t, echoApp())
		e.out.Close()
		e.send(invoke(2, 1, "")) // Its RESULT meets EPIPE.
		var exit *ExitError
		if err := <-e.result; !errors.As(err, &exit) || exit.Code != exitEngineGone {
			t.Errorf("Serve returned %v", err)
		}
	})
}

func TestServeOpensTheFifosOfTheLaunchAndHidesTheToken(t *testing.T) {
	folder := t.TempDir()
	in, out := filepath.Join(folder, "in"), filepath.Join(folder, "out")
	for _, path := range []string{in, out} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set := func() {
		t.Setenv("MILLRACE_CHANNEL_IN", in)
		t.Setenv("MILLRACE_CHANNEL_OUT", out)
		t.Setenv("MILLRACE_TOKEN", testToken)
	}
	set()
	var exit *ExitError
	// Nobody reads OUT: rule channel-engine-absent.
	if err := echoApp().Serve(context.Background()); !errors.As(err, &exit) || exit.Code != exitEngineGone {
		t.Errorf("without an engine Serve returned %v", err)
	}
	if err := echoApp().Serve(context.Background()); !errors.As(err, &exit) || exit.Code != exitConfig {
		t.Errorf("without the variables Serve returned %v", err)
	}
	set()
	read, err := os.OpenFile(out, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	write, err := os.OpenFile(in, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	e := &pipedEngine{t: t, in: write, out: read, result: make(chan error, 1), received: make(message, messageBytes)}
	app := New()
	app.HandleBytes("environment", func(context.Context, []byte) ([]byte, error) {
		return []byte(strings.Join(os.Environ(), "\n")), nil
	})
	go func() { e.result <- app.Serve(context.Background()) }()
	// A FIFO without a writer is at its end, so wait for HELLO by its bytes.
	for at := 0; at < messageBytes; {
		n, err := syscall.Read(int(mustFd(t, read)), e.received[at:])
		if err == nil {
			at += n
		}
		runtime.Gosched()
	}
	var says helloBody
	if err := says.decode(e.received.body()[versionPrefixBytes:]); err != nil || says.token != testToken {
		t.Fatalf("%v, token %q", err, says.token)
	}
	if strings.Contains(strings.Join(os.Environ(), "\n"), "MILLRACE_") {
		t.Error("the environment still has the channel: rule launch-environment-cleared")
	}
	w := welcomeAll(says)
	e.send(made(typeWelcome, append(appendPrefix(nil, 1, 1), w.encode()...), nil))
	e.send(made(typeDrain, nil, nil))
	if err := <-e.result; err != nil {
		t.Error(err)
	}
}

func mustFd(t *testing.T, file *os.File) (fd uintptr) {
	t.Helper()
	conn, err := file.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Control(func(at uintptr) { fd = at }); err != nil {
		t.Fatal(err)
	}
	return fd
}
