// Command conformance is the fixture by which the suite judges this SDK: echo and interp, an ordinary program of it.
// conformance/FIXTURE.md of the repository says what they do.
package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"

	"github.com/millrace-run/millrace-go"
)

func main() {
	// Put before both names, so that fixtures of several languages can serve one engine.
	prefix := ""
	if len(os.Args) > 1 {
		prefix = os.Args[1]
	}
	millrace.HandleBytes(prefix+"echo", func(_ context.Context, in []byte) ([]byte, error) { return in, nil })
	logger := slog.New(millrace.NewLogHandler(&slog.HandlerOptions{Level: slog.LevelDebug}))
	millrace.HandleStream(prefix+"interp", func(ctx context.Context, in *millrace.Reader, out *millrace.Writer) error {
		var input bytes.Buffer
		if _, err := input.ReadFrom(in); err != nil {
			return err
		}
		run := &program{ctx: ctx, in: operands{rest: input.Bytes()}, out: out, logger: logger}
		return run.all()
	})
	millrace.Main()
}
