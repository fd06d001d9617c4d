package millrace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestCallStreamSendsAndReadsAsItGoes(t *testing.T) {
	input, feed := io.Pipe()
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		output, err := CallStream(ctx, "caller", input, InputContent(ContentText))
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(output)
		return fmt.Sprint(string(text), output.Content()), err
	}), nil)
	e.send(invoke(2, 1, ""))
	m := e.expect(typeInvoke)
	if !m.more() || m.payloadLength() != payloadLengthUnknown || Content(m.content()) != ContentText || m.bodyLength() != 0 {
		t.Fatalf("INVOKE is % x", m[:64])
	}
	if _, err := feed.Write([]byte("part")); err != nil {
		t.Fatal(err)
	}
	if m = e.expect(typeData); string(m.body()) != "part" || !m.more() {
		t.Fatalf("DATA is %q", m.body())
	}
	feed.Close()
	if m = e.expect(typeData); m.more() || m.bodyLength() != 0 {
		t.Fatalf("the last DATA has %d bytes", m.bodyLength())
	}
	head := result(1, "out")
	head.setFlags(flagMore)
	head.setPayloadLength(payloadLengthUnknown)
	last := result(1, "!")
	last.setPayloadLength(7)
	e.send(head, data(1, []byte("put"), true), last)
	e.expectResult(2, "output!0")
}

func TestAStreamedOutputThatFailsMidwayFailsItsReader(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		output, err := CallStream(ctx, "caller", nil)
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(output)
		return fmt.Sprint(string(text), errors.Is(err, ReasonWorkerCrashed)), nil
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeInvoke)
	head := result(1, "some")
	head.setFlags(flagMore)
	head.setPayloadLength(payloadLengthUnknown)
	e.send(head, failed(1, failureBody{reason: ReasonWorkerCrashed}))
	e.expectResult(2, "sometrue")
}

func TestClosingAStreamedOutputCancelsItsCall(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		output, err := CallStream(ctx, "caller", nil)
		if err != nil {
			return "", err
		}
		return "left", output.Close()
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expect(typeInvoke)
	e.expect(typeCancel)
	e.expectResult(2, "left")
}
