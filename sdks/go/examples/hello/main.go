// Command hello is a worker with one function.
package main

import (
	"context"

	"github.com/millrace-run/millrace-go"
)

func greet(_ context.Context, name string) (string, error) {
	return "Hello, " + name, nil
}

func main() {
	millrace.Handle("greet", greet)
	millrace.Main()
}
