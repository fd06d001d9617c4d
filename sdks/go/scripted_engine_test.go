package millrace

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
)

// scriptedEngine is the engine's side of a channel in memory, step by step as a test says.
type scriptedEngine struct {
	t        *testing.T
	toWorker *memoryStream
	out      *memoryStream
	result   chan error
	hello    helloBody
	// said has the lines that the worker printed.
	mu   sync.Mutex
	said []string
}

const testToken = "0123456789abcdef"

// welcomeAll accepts everything that the SDK offers. Functions have the ids 1, 2, ... in the order of HELLO.
func welcomeAll(hello helloBody) welcomeBody {
	w := welcomeBody{
		features: hello.features,
		limits:   welcomeLimits{hello.maxCalls, 4, 2, 4, 1 << 20, 16, 0},
		workerID: 7,
	}
	for at, offer := range hello.functions {
		w.functions = append(w.functions, functionID{offer.name, uint32(at) + 1})
	}
	return w
}

// startScripted serves an app and does the handshake; change, if not nil, changes WELCOME.
func startScripted(t *testing.T, app *App, change func(*welcomeBody)) *scriptedEngine {
	t.Helper()
	e := startUnwelcomed(t, app)
	w := welcomeAll(e.hello)
	if change != nil {
		change(&w)
	}
	e.sendCold(typeWelcome, append(appendPrefix(nil, 1, 1), w.encode()...))
	return e
}

// startUnwelcomed serves an app and reads its HELLO.
func startUnwelcomed(t *testing.T, app *App) *scriptedEngine {
	t.Helper()
	e := &scriptedEngine{t: t, toWorker: newMemoryStream(1 << 30), out: newMemoryStream(memoryBytesMax), result: make(chan error, 1)}
	go func() {
		e.result <- app.serve(context.Background(), newMemoryPipe(e.toWorker, e.out), testToken, func(line string) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.said = append(e.said, line)
		})
	}()
	t.Cleanup(func() {
		e.toWorker.end()
		e.out.breakOff()
	})
	hello := e.expect(typeHello)
	if err := e.hello.decode(hello.body()[versionPrefixBytes:]); err != nil {
		t.Fatal(err)
	}
	return e
}

// made is a message with its fields set.
func made(number uint8, body []byte, set func(message)) message {
	m := make(message, messageBytes)
	m[offsetType] = number
	m.setBodyLength(uint16(copy(m[headerBytes:], body)))
	if set != nil {
		set(m)
	}
	return m
}

func invoke(id, function uint32, input string) message {
	return made(typeInvoke, []byte(input), func(m message) {
		m.setCallID(id)
		m.setFunctionID(function)
		m.setPayloadLength(uint32(len(input)))
		m.setAttempt(1)
		m.setPriority(3)
	})
}

func result(id uint32, output string) message {
	return made(typeResult, []byte(output), func(m message) {
		m.setCallID(id)
		m.setPayloadLength(uint32(len(output)))
	})
}

func about(number uint8, id uint32) message {
	return made(number, nil, func(m message) { m.setCallID(id) })
}

func data(id uint32, bytes []byte, more bool) message {
	return made(typeData, bytes, func(m message) {
		m.setCallID(id)
		if more {
			m.setFlags(flagMore)
		}
	})
}

func window(id, credit uint32) message {
	return made(typeWindow, nil, func(m message) {
		m.setCallID(id)
		m.setCredit(credit)
	})
}

func resolved(name string, id uint32, status Status) message {
	return made(typeResolved, []byte(name), func(m message) {
		m.setFunctionID(id)
		m.setStatus(uint32(status))
	})
}

func failed(id uint32, failure failureBody) message {
	return made(typeError, failure.encode(), func(m message) {
		m.setCallID(id)
		m.setStatus(uint32(failure.reason.Status()))
	})
}

// send writes messages at once.
func (e *scriptedEngine) send(messages ...message) {
	e.t.Helper()
	var all []byte
	for _, m := range messages {
		all = append(all, m...)
	}
	if n, err := e.toWorker.write(all); err != nil || n < len(all) {
		e.t.Fatalf("the worker takes nothing: %v", err)
	}
}

func (e *scriptedEngine) sendCold(number uint8, body []byte) {
	e.t.Helper()
	for first := true; first || len(body) > 0; first = false {
		part := body[:min(len(body), bodyBytes)]
		body = body[len(part):]
		e.send(made(number, part, func(m message) {
			if len(body) > 0 {
				m.setFlags(flagMore)
			}
		}))
	}
}

// next waits for the worker's next message, and judges it.
func (e *scriptedEngine) next() message {
	e.t.Helper()
	m := make(message, messageBytes)
	if err := e.out.readFull(m); err != nil {
		e.t.Fatalf("no message comes: %v; the worker said %q", err, e.lines())
	}
	if known, fault := judge(m, sideWorker); fault != nil || !known {
		e.t.Fatalf("the worker broke a rule: %+v", fault)
	}
	for at, b := range m[headerBytes+int(m.bodyLength()):] {
		if b != 0 {
			e.t.Fatalf("byte %d of the tail of %s is %d: rule message-tail-zero", at, typeName(m.messageType()), b)
		}
	}
	return m
}

func (e *scriptedEngine) lines() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.said...)
}

// expect waits for a message of a type.
func (e *scriptedEngine) expect(number uint8) message {
	e.t.Helper()
	m := e.next()
	if m.messageType() != number {
		e.t.Fatalf("%s came, not %s: % x", typeName(m.messageType()), typeName(number), m[:96])
	}
	return m
}

// expectResult waits for a whole RESULT of a call.
func (e *scriptedEngine) expectResult(id uint32, output string) message {
	e.t.Helper()
	m := e.expect(typeResult)
	if m.callID() != id || m.more() || string(m.body()) != output || int(m.payloadLength()) != len(output) {
		e.t.Fatalf("RESULT of %d, flags %d, %q; want %d, %q", m.callID(), m.flags(), m.body(), id, output)
	}
	return m
}

// expectError waits for an ERROR of a call, and gives its failure.
func (e *scriptedEngine) expectError(id uint32, reason Reason) failureBody {
	e.t.Helper()
	var span coldSpan
	for {
		m := e.expect(typeError)
		body, whole, fault := span.take(m)
		if fault != nil {
			e.t.Fatal(fault)
		}
		if !whole {
			continue
		}
		var failure failureBody
		if err := failure.decode(body); err != nil {
			e.t.Fatal(err)
		}
		if fault := judgeFailure(m, sideWorker, body); fault != nil {
			e.t.Fatalf("the ERROR breaks %s", fault.rule)
		}
		if m.callID() != id || failure.reason != reason {
			e.t.Fatalf("ERROR of %d is %v %q; want %d, %v", m.callID(), failure.reason, failure.message, id, reason)
		}
		return failure
	}
}

// expectGoodbye waits for GOODBYE and the end of the stream.
func (e *scriptedEngine) expectGoodbye(reason Reason, rule string) {
	e.t.Helper()
	m := e.expect(typeGoodbye)
	says, _ := readGoodbye(m.body(), m.status())
	if says.reason != reason || says.rule != rule {
		e.t.Fatalf("GOODBYE says %v, rule %q, %q; want %v, %q", says.reason, says.rule, says.message, reason, rule)
	}
	if want := reasons[reason].status; m.status() != uint32(want) {
		e.t.Fatalf("GOODBYE has status %d, not %d", m.status(), want)
	}
	if err := e.out.readFull(make([]byte, 1)); !errors.Is(err, io.EOF) {
		e.t.Fatalf("after GOODBYE: %v", err)
	}
}

// expectExit waits for the worker's end.
func (e *scriptedEngine) expectExit(code int) {
	e.t.Helper()
	err := <-e.result
	var exit *ExitError
	switch {
	case errors.As(err, &exit) && exit.Code == code:
	case err == nil && code == exitOK:
	default:
		e.t.Fatalf("the worker ended with %v, not with code %d", err, code)
	}
}

// barrier returns when the worker has acted on all that was sent before.
func (e *scriptedEngine) barrier() (openCalls uint32) {
	e.t.Helper()
	e.send(made(typePing, nil, func(m message) { m.setNonce(0xbeef) }))
	return e.expect(typePong).openCalls()
}
