package millrace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestALargeOutputComesAsDataWithinItsCredit(t *testing.T) {
	output := bytes.Repeat([]byte("0123456789"), 10_000)
	app := New()
	app.HandleBytes("large", func(context.Context, []byte) ([]byte, error) { return output, nil })
	e := startScripted(t, app, nil)
	e.send(invoke(2, 1, ""))
	m := e.expect(typeResult)
	if !m.more() || m.payloadLength() != 100_000 {
		t.Fatalf("the head is % x", m[:64])
	}
	got := bytes.Clone(m.body())
	for range creditMax {
		got = append(got, e.expect(typeData).body()...)
	}
	e.barrier() // Nothing comes without credit: rule data-credit.
	for len(got) < 100_000-bodyBytes {
		e.send(window(2, 1))
		got = append(got, e.expect(typeData).body()...)
	}
	m = e.expect(typeResult) // The final message costs no credit.
	got = append(got, m.body()...)
	if m.more() || m.payloadLength() != 100_000 || !bytes.Equal(got, output) {
		t.Errorf("%d bytes came, the last RESULT says %d", len(got), m.payloadLength())
	}
}

func TestALargeInputIsCollectedAndItsCreditGranted(t *testing.T) {
	e := startScripted(t, echoApp(), nil)
	input := bytes.Repeat([]byte("abc"), 20_000)
	m := invoke(2, 1, string(input[:960]))
	m.setFlags(flagMore)
	m.setPayloadLength(uint32(len(input)))
	e.send(m)
	credit := creditMax
	for rest := input[960:]; len(rest) > 0; credit-- {
		if credit == 0 {
			credit += int(e.expect(typeWindow).credit())
		}
		n := min(len(rest), bodyBytes)
		e.send(data(2, rest[:n], n < len(rest)))
		rest = rest[n:]
	}
	for number := typeWindow; number == typeWindow; {
		m = e.next()
		number = m.messageType()
	}
	got := bytes.Clone(m.body())
	for e.send(window(2, 1)); ; {
		m = e.next()
		got = append(got, m.body()...)
		if m.messageType() == typeResult {
			break
		}
		e.send(window(2, 1))
	}
	if !bytes.Equal(got, input) {
		t.Errorf("%d bytes came back", len(got))
	}
}

func TestAnInputOverTheLimitIsPayloadTooLargeAndTheRestIsDropped(t *testing.T) {
	e := startScripted(t, echoApp(), func(w *welcomeBody) { w.limits.maxPayloadBytes = 1000 })
	m := invoke(2, 1, "")
	m.setFlags(flagMore)
	m.setPayloadLength(payloadLengthUnknown)
	part := make([]byte, 960)
	e.send(m, data(2, part, true), data(2, part, true))
	e.expectError(2, ReasonPayloadTooLarge)
	e.send(data(2, part, true), data(2, nil, false))
	e.barrier()
}

func streamApp(handler func(ctx context.Context, in *Reader, out *Writer) error) *App {
	app := New()
	app.HandleStream("stream", handler)
	return app
}

func TestAStreamIsReadAndWrittenAsItGoes(t *testing.T) {
	e := startScripted(t, streamApp(func(_ context.Context, in *Reader, out *Writer) error {
		if err := out.SetContent(ContentText); err != nil {
			return err
		}
		for part, err := range in.Parts() {
			if err != nil {
				return err
			}
			if _, err := out.Write(bytes.ToUpper(part)); err != nil {
				return err
			}
		}
		return nil
	}), nil)
	m := invoke(2, 1, "one ")
	m.setFlags(flagMore)
	m.setPayloadLength(payloadLengthUnknown)
	e.send(m)
	m = e.expect(typeResult)
	if !m.more() || string(m.body()) != "ONE " || m.payloadLength() != payloadLengthUnknown || Content(m.content()) != ContentText {
		t.Fatalf("the head is % x", m[:80])
	}
	e.send(data(2, []byte("two"), true))
	if m = e.expect(typeData); string(m.body()) != "TWO" || !m.more() {
		t.Fatalf("DATA is %q", m.body())
	}
	e.send(data(2, nil, false))
	if m = e.expect(typeResult); m.more() || m.payloadLength() != 7 {
		t.Errorf("the last RESULT says %d bytes", m.payloadLength())
	}
}

func TestAFinishedOutputOfAStreamIsOneMessage(t *testing.T) {
	e := startScripted(t, streamApp(func(_ context.Context, in *Reader, out *Writer) error {
		text, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		return out.Finish(text)
	}), nil)
	e.send(invoke(2, 1, "all of it"))
	e.expectResult(2, "all of it")
}

func TestAnItemPerLineIsNdjson(t *testing.T) {
	e := startScripted(t, streamApp(func(_ context.Context, _ *Reader, out *Writer) error {
		return errors.Join(out.WriteJSON(1), out.WriteJSON("two"))
	}), nil)
	e.send(invoke(2, 1, ""))
	head := e.expect(typeResult)
	if Content(head.content()) != ContentNdjson || string(head.body())+string(e.expect(typeData).body()) != "1\n\"two\"\n" {
		t.Errorf("the head is %q of content %d", head.body(), head.content())
	}
	e.expect(typeResult)
}

func TestAStreamThatStopsReadingMayEndBeforeItsInput(t *testing.T) {
	e := startScripted(t, streamApp(func(_ context.Context, in *Reader, out *Writer) error {
		part, err := in.Next()
		return errors.Join(err, out.Finish(part))
	}), nil)
	m := invoke(2, 1, "first")
	m.setFlags(flagMore)
	m.setPayloadLength(payloadLengthUnknown)
	e.send(m)
	e.expectResult(2, "first")
	e.send(data(2, []byte("late"), true), data(2, nil, false))
	e.barrier()
}

func TestAWriterThatWaitsForCreditEndsWithTheCancel(t *testing.T) {
	ended := make(chan error, 1)
	e := startScripted(t, streamApp(func(_ context.Context, _ *Reader, out *Writer) error {
		_, err := out.Write(make([]byte, 100*bodyBytes))
		ended <- err
		return err
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeResult)
	for range creditMax {
		e.expect(typeData)
	}
	e.send(about(typeCancel, 2))
	e.expectError(2, ReasonCancelled)
	if err := <-ended; !errors.Is(err, ReasonCancelled) {
		t.Errorf("Write returned %v", err)
	}
}

func TestAChannelWithoutStreamsCarriesInlineOutputsOnly(t *testing.T) {
	app := streamApp(func(_ context.Context, in *Reader, out *Writer) error {
		text, _ := io.ReadAll(in)
		_, err := io.Copy(out, strings.NewReader(strings.Repeat("x", len(text)*10)))
		return err
	})
	app.HandleBytes("bytes", func(context.Context, []byte) ([]byte, error) { return make([]byte, 961), nil })
	e := startScripted(t, app, func(w *welcomeBody) { w.features = nil })
	e.send(invoke(2, 1, strings.Repeat("y", 96)))
	e.expectResult(2, strings.Repeat("x", 960))
	e.send(invoke(4, 1, strings.Repeat("y", 97)), invoke(6, 2, ""))
	seen := map[uint32]bool{}
	for range 2 {
		m := e.expect(typeError)
		var failure failureBody
		if err := failure.decode(m.body()); err != nil || failure.reason != ReasonPayloadTooLarge {
			t.Errorf("%v, %+v", err, failure)
		}
		seen[m.callID()] = true
	}
	if !seen[4] || !seen[6] {
		t.Errorf("ERRORs for %v", seen)
	}
}

func TestAReaderThatStopsGrantsNoCredit(t *testing.T) {
	read := make(chan struct{})
	e := startScripted(t, streamApp(func(_ context.Context, in *Reader, out *Writer) error {
		<-read
		n, err := io.Copy(io.Discard, in)
		return errors.Join(err, out.Finish([]byte(fmt.Sprint(n))))
	}), nil)
	m := invoke(2, 1, "")
	m.setFlags(flagMore)
	m.setPayloadLength(payloadLengthUnknown)
	e.send(m)
	for range creditMax {
		e.send(data(2, make([]byte, 960), true))
	}
	e.barrier() // No WINDOW came before it.
	close(read)
	for granted := uint32(0); granted < creditMax; {
		granted += e.expect(typeWindow).credit()
	}
	e.send(data(2, nil, false))
	e.expectResult(2, fmt.Sprint(creditMax*960))
}
