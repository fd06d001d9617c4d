package millrace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestMoreCallsThanTheEngineTakesWaitForAPlace(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		results := make(chan error, 6)
		for range 6 {
			go func() {
				_, err := CallBytes(ctx, "caller", nil)
				results <- err
			}()
		}
		for range 6 {
			if err := <-results; err != nil {
				return "", err
			}
		}
		return "all", nil
	}), nil)
	e.send(invoke(2, 1, ""))
	for range 4 {
		e.expect(typeInvoke)
	}
	e.barrier() // Four are open, which is all that WELCOME allows: rule limit-open-invokes.
	for id := uint32(1); id <= 11; id += 2 {
		e.send(result(id, ""))
		if id <= 3 {
			e.expect(typeInvoke)
		}
	}
	e.expectResult(2, "all")
}

func TestMoreNamesThanTheEngineTakesAreAskedOneAfterTheOther(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		results := make(chan error, 4)
		for at := range 4 {
			go func() {
				_, err := CallBytes(ctx, fmt.Sprint("name", at), nil)
				results <- err
			}()
		}
		for range 4 {
			if err := <-results; !errors.Is(err, ReasonNotFound) {
				return "", err
			}
		}
		return "all", nil
	}), nil)
	e.send(invoke(2, 1, ""))
	first, second := e.expect(typeResolve), e.expect(typeResolve)
	e.barrier() // Two are open: rule limit-open-resolves.
	for _, m := range []message{first, second} {
		e.send(resolved(string(m.body()), 0, StatusNotFound))
		m = e.expect(typeResolve)
		e.send(resolved(string(m.body()), 0, StatusNotFound))
	}
	e.expectResult(2, "all")
}

func TestWithoutTheFeatureInternalCallsAreUnsupported(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		_, err := CallBytes(ctx, "caller", nil)
		return fmt.Sprint(errors.Is(err, ReasonUnsupported)), nil
	}), func(w *welcomeBody) { w.features = []string{"streaming"} })
	e.send(invoke(2, 1, ""))
	e.expectResult(2, "true")
}

func TestACallWithAForeignContextOrABadOptionSendsNothing(t *testing.T) {
	_, err := Call[int](context.Background(), "f", nil)
	var usage *UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "no handler's") {
		t.Errorf("the error is %v", err)
	}
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		for _, option := range []CallOption{Priority(8), Timeout(0)} {
			if _, err := CallBytes(ctx, "f", nil, option); !errors.As(err, &usage) {
				return "", err
			}
		}
		_, err := CallBytes(ctx, "../f", nil)
		return fmt.Sprint(errors.As(err, &usage)), nil
	}), nil)
	e.send(invoke(2, 1, ""))
	e.expectResult(2, "true")
}

func TestOutputsAreDecodedByTheirContent(t *testing.T) {
	e := startScripted(t, callerApp(func(ctx context.Context) (string, error) {
		text, err1 := Call[string](ctx, "caller", nil)
		items, err2 := Call[[]int](ctx, "caller", nil)
		raw, err3 := Call[any](ctx, "caller", nil)
		_, err4 := Call[int](ctx, "caller", nil)
		return fmt.Sprint(text, items, raw, err1, err2, err3, errors.Is(err4, ReasonHandlerError)), nil
	}), nil)
	e.send(invoke(2, 1, ""))
	for at, one := range []struct {
		content Content
		output  string
	}{{ContentText, "plain"}, {ContentNdjson, "1\n2\n\n3"}, {ContentBytes, "\x01"}, {ContentJSON, "{"}} {
		id := e.expect(typeInvoke).callID()
		if id != uint32(1+2*at) {
			t.Fatalf("INVOKE %d", id)
		}
		m := result(id, one.output)
		m.setContent(uint8(one.content))
		e.send(m)
	}
	e.expectResult(2, "plain[1 2 3] [1] <nil> <nil> <nil> true")
}
