// Command benchworker is both sides of the latency measurement: bench.echo gives its input back, bench.calls calls it
// in loops and times each call.
package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/millrace-run/millrace-go"
)

// load is what bench.calls is to do.
type load struct {
	Callee   string `json:"callee"`
	Count    int    `json:"count"`
	InFlight int    `json:"inFlight"`
	Bytes    int    `json:"bytes"`
}

// times is what it found.
type times struct {
	P50Us     float64 `json:"p50Us"`
	P99Us     float64 `json:"p99Us"`
	P999Us    float64 `json:"p999Us"`
	PerSecond float64 `json:"perSecond"`
}

func calls(ctx context.Context, wanted load) (times, error) {
	input := make([]byte, wanted.Bytes)
	samples := make([][]time.Duration, max(1, wanted.InFlight))
	failures := make([]error, len(samples))
	var lanes sync.WaitGroup
	begun := time.Now()
	lane := func(at int) {
		for range wanted.Count / len(samples) {
			from := time.Now()
			output, err := millrace.CallBytes(ctx, wanted.Callee, input)
			samples[at] = append(samples[at], time.Since(from))
			if err == nil && len(output) != len(input) {
				err = fmt.Errorf("%d bytes came back instead of %d", len(output), len(input))
			}
			if err != nil {
				failures[at] = err
				return
			}
		}
	}
	for at := 1; at < len(samples); at++ {
		lanes.Add(1)
		go func() {
			defer lanes.Done()
			lane(at)
		}()
	}
	lane(0)
	lanes.Wait()
	seconds := time.Since(begun).Seconds()
	for _, err := range failures {
		if err != nil {
			return times{}, err
		}
	}
	all := slices.Concat(samples...)
	slices.Sort(all)
	at := func(share float64) float64 {
		return float64(all[int(share*float64(len(all)-1))].Nanoseconds()) / 1e3
	}
	return times{at(0.5), at(0.99), at(0.999), float64(len(all)) / seconds}, nil
}

func main() {
	millrace.Handle("bench.calls", calls)
	millrace.HandleBytes("bench.echo", func(_ context.Context, in []byte) ([]byte, error) { return in, nil })
	millrace.Main()
}
