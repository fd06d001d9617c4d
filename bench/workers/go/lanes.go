package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace-run/millrace-go"
)

// load is what a calling function is to do.
type load struct {
	callee                               string
	count, inFlight, batch, bytes, first int
}

func parseLoad(text string) (load, error) {
	var l load
	_, err := fmt.Sscan(text, &l.callee, &l.count, &l.inFlight, &l.batch, &l.bytes, &l.first)
	if err != nil {
		return l, fmt.Errorf("%q is no load: %w", text, err)
	}
	return l, nil
}

func (l load) input() []byte {
	input := make([]byte, l.bytes)
	if l.bytes > 0 {
		input[0] = byte(l.first)
	}
	return input
}

// once makes one call and checks what comes back.
func (l load) once(ctx context.Context, input []byte) error {
	output, err := millrace.CallBytes(ctx, l.callee, input)
	if err == nil && len(output) != len(input) {
		err = fmt.Errorf("%s sent %d bytes back instead of %d", l.callee, len(output), len(input))
	}
	return err
}

// atOnce begins n calls together and waits for the last of them.
func (l load) atOnce(ctx context.Context, n int, input []byte) error {
	failures := make([]error, n)
	var open sync.WaitGroup
	for at := range n {
		open.Add(1)
		go func() {
			defer open.Done()
			failures[at] = l.once(ctx, input)
		}()
	}
	open.Wait()
	return errors.Join(failures...)
}

// makeCalls makes the calls of a load: in lanes, the first of which is the handler's own goroutine, or in batches.
func makeCalls(ctx context.Context, l load) ([]time.Duration, error) {
	input := l.input()
	lanes := max(1, l.inFlight)
	samples := make([][]time.Duration, lanes)
	failures := make([]error, lanes)
	lane := func(at int) {
		own := make([]time.Duration, 0, l.count/lanes+1)
		for range l.count/lanes + min(1, max(0, l.count%lanes-at)) {
			from := time.Now()
			if l.batch > 1 {
				failures[at] = l.atOnce(ctx, l.batch, input)
			} else {
				failures[at] = l.once(ctx, input)
			}
			if failures[at] != nil {
				return
			}
			own = append(own, time.Since(from))
		}
		samples[at] = own
	}
	var open sync.WaitGroup
	for at := 1; at < lanes; at++ {
		open.Add(1)
		go func() {
			defer open.Done()
			lane(at)
		}()
	}
	lane(0)
	open.Wait()
	return slices.Concat(samples...), errors.Join(failures...)
}

// readOne reads one stream to its end and counts its bytes.
func readOne(ctx context.Context, callee string, parts, size int) (int, error) {
	reader, err := millrace.CallStream(ctx, callee, strings.NewReader(fmt.Sprintf("%d %d\n", parts, size)))
	if err != nil {
		return 0, err
	}
	read := 0
	for part, err := range reader.Parts() {
		if err != nil {
			return read, err
		}
		read += len(part)
	}
	return read, nil
}

// samplesBytes is what a calling function answers: the whole time as u64, then each sample as u32, in nanoseconds.
func samplesBytes(elapsed time.Duration, samples []time.Duration) []byte {
	bytes := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+4*len(samples)), uint64(elapsed))
	for _, one := range samples {
		bytes = binary.LittleEndian.AppendUint32(bytes, uint32(min(one, math.MaxUint32)))
	}
	return bytes
}
