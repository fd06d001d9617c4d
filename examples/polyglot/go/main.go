// The Go functions. After them in the ring come C++'s, then TypeScript's.
package main

import (
	"context"
	"errors"

	"github.com/millrace-run/millrace-go"
)

func hops(ctx context.Context, n int) (int, error) {
	if n == 0 {
		return 0, nil
	}
	rest, err := millrace.Call[int](ctx, "cpp.hops", n-1)
	return 1 + rest, err
}

func fib(ctx context.Context, n int) (int, error) {
	if n < 2 {
		return n, nil
	}
	type outcome struct {
		value int
		err   error
	}
	later := make(chan outcome, 1)
	go func() {
		value, err := millrace.Call[int](ctx, "node.fib", n-2)
		later <- outcome{value, err}
	}()
	a, err := millrace.Call[int](ctx, "cpp.fib", n-1)
	b := <-later
	return a + b.value, errors.Join(err, b.err)
}

func square(_ context.Context, n int) (int, error) { return n * n, nil }

func main() {
	millrace.Handle("go.hops", hops)
	millrace.Handle("go.fib", fib)
	millrace.Handle("go.square", square)
	millrace.Main()
}
