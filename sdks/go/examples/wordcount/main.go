// Command wordcount shows the rest: values, internal calls, errors, streams, logs and hooks.
package main

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/millrace-run/millrace-go"
)

type request struct {
	Texts []string `json:"texts"`
}

type answer struct {
	Words int `json:"words"`
}

// count calls count-text for each text, all at once.
func count(ctx context.Context, in request) (answer, error) {
	if len(in.Texts) == 0 {
		return answer{}, millrace.Errorf(millrace.ReasonBadInput, "there is no text to count")
	}
	type outcome struct {
		words int
		err   error
	}
	outcomes := make(chan outcome)
	for _, text := range in.Texts {
		go func() {
			words, err := millrace.Call[int](ctx, "count-text", text, millrace.Timeout(time.Second))
			outcomes <- outcome{words, err}
		}()
	}
	var all answer
	var failed error
	for range in.Texts {
		one := <-outcomes
		all.Words += one.words
		failed = errors.Join(failed, one.err)
	}
	slog.InfoContext(ctx, "counted", "texts", len(in.Texts), "words", all.Words)
	return all, failed
}

func countText(_ context.Context, text string) (int, error) {
	return len(strings.Fields(text)), nil
}

// number gives its input back, line by line as it comes, with numbers.
func number(_ context.Context, in *millrace.Reader, out *millrace.Writer) error {
	lines := bufio.NewScanner(in)
	for at := 1; lines.Scan(); at++ {
		if err := out.WriteJSON(map[string]any{"line": at, "text": lines.Text()}); err != nil {
			return err
		}
	}
	return lines.Err()
}

func newApp() *millrace.App {
	app := millrace.New(millrace.MaxCalls(256))
	millrace.HandleOn(app, "count", count)
	millrace.HandleOn(app, "count-text", countText, millrace.FunctionTimeout(100*time.Millisecond))
	app.HandleStream("number", number)
	app.OnStart(func(context.Context) error {
		slog.SetDefault(slog.New(millrace.NewLogHandler(nil)))
		return nil
	})
	return app
}

func main() {
	newApp().Main()
}
