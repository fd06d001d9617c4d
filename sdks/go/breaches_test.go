package millrace

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
)

// With a call 2 of "wait" and an internal call 1 of it open, each of these breaks the rule that it is named by.
func TestABrokenRuleEndsTheChannelWithGoodbyeAndCode76(t *testing.T) {
	set := func(m message, do func(message)) message { do(m); return m }
	more := func(m message) { m.setFlags(flagMore) }
	for rule, messages := range map[string][]message{
		"message-type-known":    {made(0x5f, nil, nil)},
		"message-reserved-zero": {set(made(typePing, nil, nil), func(m message) { m[28] = 1 })},
		"message-direction":     {made(typeCapacity, nil, nil)},
		"call-id-rising":        {invoke(2, 1, "")},
		"call-id-open-skipped":  {invoke(0x8000_0000, 9, ""), invoke(0xffff_fffe, 9, ""), invoke(2, 1, "")},
		"call-parent-zero":      {set(invoke(4, 1, ""), func(m message) { m.setParentCallID(2) })},
		"call-id-known":         {result(1001, "")},
		"call-callee-answers":   {result(2, "")},
		"call-caller-cancels":   {about(typeCancel, 1)},
		"data-after-end":        {data(2, []byte("x"), false)},
		"data-after-head":       {data(1, []byte("x"), true)},
		"data-output-more":      {data(1, []byte("x"), false)},
		"credit-max":            {window(2, 1)},
		"result-total":          {set(result(1, "abc"), func(m message) { m.setPayloadLength(4) })},
		"result-more-once":      {set(result(1, "a"), more), set(result(1, "b"), more)},
		"payload-length-exact":  {set(set(result(1, "ab"), more), func(m message) { m.setPayloadLength(3) }), data(1, []byte("cd"), true)},
		"data-credit":           slices.Concat([]message{set(set(result(1, "a"), more), func(m message) { m.setPayloadLength(payloadLengthUnknown) })}, slices.Repeat([]message{data(1, []byte("x"), true)}, creditMax+1)),
		"error-body":            {made(typeError, []byte{0x0a, 5, 'x'}, func(m message) { m.setCallID(1); m.setStatus(2) })},
		"cold-span-consecutive": {made(typeError, []byte{0x08}, func(m message) { m.setCallID(1); m.setStatus(2); more(m) }), made(typePing, nil, nil)},
		"resolved-open":         {resolved("nobody-asked", 4, StatusOK)},
		"pong-open":             {made(typePong, nil, nil)},
		"handshake-hello-once":  {made(typeWelcome, append(appendPrefix(nil, 1, 1), 0)[:16], nil)},
		"feature-accepted":      {made(typeLoad, nil, nil)},
		"invoke-function-id":    {invoke(4, 0, "")},
	} {
		t.Run(rule, func(t *testing.T) {
			app := New()
			// A stream, so that the output of the internal call is read by nobody and no WINDOW grants credit.
			app.HandleBytes("wait", func(ctx context.Context, _ []byte) ([]byte, error) {
				_, err := CallStream(ctx, "wait", nil)
				<-ctx.Done()
				return nil, err
			})
			e := startScripted(t, app, nil)
			e.send(invoke(2, 1, ""))
			e.expect(typeInvoke)
			e.send(messages...)
			for number := uint8(0); number != typeGoodbye; {
				m := e.next()
				if number = m.messageType(); number == typeError && m.callID() != 2 {
					continue // The refusals of unknown functions on the way.
				}
				if number == typeGoodbye {
					says, _ := readGoodbye(m.body(), m.status())
					if says.rule != rule || says.reason != ReasonProtocolError || m.status() != 13 || says.message == "" {
						t.Errorf("GOODBYE says %+v", says)
					}
				}
			}
			e.expectExit(exitProtocol)
			if lines := e.lines(); len(lines) != 1 || !strings.Contains(lines[0], rule) {
				t.Errorf("the worker said %q", lines)
			}
		})
	}
}

func TestAWelcomeThatDoesNotFitIsRefused(t *testing.T) {
	for rule, change := range map[string]func(*welcomeBody, *[]byte){
		"handshake-prefix":   func(_ *welcomeBody, prefix *[]byte) { (*prefix)[12] = 1 },
		"handshake-magic":    func(_ *welcomeBody, prefix *[]byte) { (*prefix)[7] = 'F' },
		"handshake-version":  func(_ *welcomeBody, prefix *[]byte) { (*prefix)[10] = 2 },
		"feature-offered":    func(w *welcomeBody, _ *[]byte) { w.features = append(w.features, "fork") },
		"welcome-max-calls":  func(w *welcomeBody, _ *[]byte) { w.limits.maxCalls = 0 },
		"welcome-functions":  func(w *welcomeBody, _ *[]byte) { w.functions[0].name = "other" },
		"function-id-unique": func(w *welcomeBody, _ *[]byte) { w.functions[0].id = 0 },
	} {
		t.Run(rule, func(t *testing.T) {
			e := startUnwelcomed(t, echoApp())
			w, prefix := welcomeAll(e.hello), appendPrefix(nil, 1, 1)
			change(&w, &prefix)
			e.sendCold(typeWelcome, append(prefix, w.encode()...))
			e.expectGoodbye(ReasonProtocolError, rule)
			e.expectExit(exitProtocol)
		})
	}
}

func TestAnythingBeforeWelcomeButGoodbyeIsABreach(t *testing.T) {
	e := startUnwelcomed(t, echoApp())
	e.send(made(typePing, nil, nil))
	e.expectGoodbye(ReasonProtocolError, "handshake-engine-waits")
	e.expectExit(exitProtocol)
}

func TestAnIgnorableTypeIsDropped(t *testing.T) {
	e := startScripted(t, echoApp(), nil)
	e.send(made(0x9f, []byte("whatever"), func(m message) { m[60] = 7 }))
	e.barrier()
}

func TestHowTheStreamEndsDecidesTheExitCode(t *testing.T) {
	goodbye := func(reason Reason) []byte {
		says := goodbyeBody{reason: reason, message: "so long"}
		return made(typeGoodbye, append(appendPrefix(nil, 1, 1), says.encode()...), func(m message) {
			m.setStatus(uint32(reasons[reason].status))
		})
	}
	for name, one := range map[string]struct {
		open  bool
		bytes []byte
		code  int
	}{
		"between messages with nothing open":  {false, nil, exitOK},
		"with a call open":                    {true, nil, exitEngineGone},
		"inside a message":                    {false, make([]byte, 500), exitEngineGone},
		"by a GOODBYE without a reason":       {false, goodbye(0), exitOK},
		"by a GOODBYE with a reason":          {false, goodbye(ReasonUnauthenticated), exitProtocol},
		"by GOODBYE while a call is open":     {true, goodbye(0), exitOK},
		"by GOODBYE with a reason and a call": {true, goodbye(ReasonProtocolError), exitProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			app, stopped := New(), make(chan error, 1)
			app.HandleBytes("wait", func(ctx context.Context, _ []byte) ([]byte, error) {
				<-ctx.Done()
				stopped <- context.Cause(ctx)
				return nil, ctx.Err()
			})
			e := startScripted(t, app, nil)
			if one.open {
				e.send(invoke(2, 1, ""))
			}
			e.barrier()
			e.send(message(one.bytes))
			e.toWorker.end()
			e.expectExit(one.code)
			if one.open && <-stopped == nil {
				t.Error("the handler was not told")
			}
		})
	}
}

func TestAnEngineThatStopsReadingGetsEverythingOnceItReadsAgain(t *testing.T) {
	app := New()
	app.HandleStream("flood", func(_ context.Context, in *Reader, out *Writer) error {
		_, err := io.Copy(out, strings.NewReader(strings.Repeat("z", 20*960)))
		return err
	})
	e := startScripted(t, app, nil)
	const calls = 40 // 40 calls of 22 messages are 880 KiB, and the pipe holds 64.
	for at := range uint32(calls) {
		e.send(invoke(2+2*at, 1, ""))
	}
	// The worker reads on while its pipe is full: a PING sent now is answered behind what waits.
	e.send(made(typePing, nil, nil))
	finals, pongs := 0, 0
	for finals < calls || pongs < 1 {
		switch m := e.next(); {
		case m.messageType() == typePong:
			pongs++
		case m.messageType() == typeResult && !m.more():
			finals++
		}
	}
}

func TestIdsWrapAndSkipZero(t *testing.T) {
	for last, next := range map[uint32]uint32{0xffff_ffff: 1, 1: 3, 0xffff_fffe: 2, 0xffff_fffc: 0xffff_fffe, 0xffff_fffd: 0xffff_ffff} {
		if got := nextCallID(last); got != next {
			t.Errorf("after %#x comes %#x, not %#x", last, got, next)
		}
	}
	if !isAfter(2, 0xffff_fffe) || isAfter(0xffff_fffe, 2) || isAfter(4, 4) || isAfter(0x8000_0002, 2) || !isAfter(0x8000_0001, 2) {
		t.Error("isAfter is wrong at an edge")
	}
}
