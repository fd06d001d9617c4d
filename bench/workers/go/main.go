// The functions of the bench in Go.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace-run/millrace-go"
)

// calls times calls from inside; its input is a load.
func calls(ctx context.Context, in []byte) ([]byte, error) {
	wanted, err := parseLoad(string(in))
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	samples, err := makeCalls(ctx, wanted)
	return samplesBytes(time.Since(begun), samples), err
}

func echo(_ context.Context, in []byte) ([]byte, error) { return in, nil }

// hop calls next with one less in its first byte, until that is 0.
func hop(next string) func(context.Context, []byte) ([]byte, error) {
	return func(ctx context.Context, in []byte) ([]byte, error) {
		if in[0] == 0 {
			return in, nil
		}
		in[0]--
		return millrace.CallBytes(ctx, next, in)
	}
}

// chain is how many functions a chain has: each calls the one after it, and the last sends back what it got.
const chain = 8

func stepName(number int) string { return fmt.Sprintf("go.step-%d", number) }

func step(next string) func(context.Context, []byte) ([]byte, error) {
	return func(ctx context.Context, in []byte) ([]byte, error) { return millrace.CallBytes(ctx, next, in) }
}

// source streams parts: its input says how many, and of how many bytes.
func source(_ context.Context, in *millrace.Reader, out *millrace.Writer) error {
	var parts, size int
	if _, err := fmt.Fscan(in, &parts, &size); err != nil {
		return err
	}
	part := make([]byte, size)
	for range parts {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// reads reads streams to their end; its input: the function that streams, streams, parts of each, bytes of each part.
func reads(ctx context.Context, in []byte) ([]byte, error) {
	var callee string
	var count, parts, size int
	if _, err := fmt.Sscan(string(in), &callee, &count, &parts, &size); err != nil {
		return nil, err
	}
	samples := make([]time.Duration, 0, count)
	begun := time.Now()
	for range count {
		at := time.Now()
		read, err := readOne(ctx, callee, parts, size)
		if err != nil {
			return nil, err
		}
		if read != parts*size {
			return nil, fmt.Errorf("%s streamed %d bytes instead of %d", callee, read, parts*size)
		}
		samples = append(samples, time.Since(at))
	}
	return samplesBytes(time.Since(begun), samples), nil
}

func main() {
	millrace.HandleBytes("go.echo", echo)
	millrace.HandleBytes("go.calls", calls)
	for number := 1; number < chain; number++ {
		millrace.HandleBytes(stepName(number), step(stepName(number+1)))
	}
	millrace.HandleBytes(stepName(chain), echo)
	millrace.HandleBytes("go.ping", hop("go.pong"))
	millrace.HandleBytes("go.pong", hop("go.ping"))
	millrace.HandleBytes("go.recurse", hop("go.recurse"))
	millrace.HandleStream("go.source", source)
	millrace.HandleBytes("go.reads", reads)
	millrace.Main()
}
