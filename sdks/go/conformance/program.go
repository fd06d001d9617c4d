package main

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/millrace-run/millrace-go"
)

// outputBytesMax bounds what a program may put out before it streams. Unit: bytes.
const outputBytesMax = 64 << 20

// program runs the instructions of one interp call.
type program struct {
	ctx    context.Context
	in     operands
	out    *millrace.Writer
	logger *slog.Logger
	output []byte
	// running has the calls that CALL left running, in their order.
	running []chan []byte
}

func (p *program) all() error {
	for len(p.in.rest) > 0 {
		op := p.in.u8()
		instruction := instructions[op]
		if instruction == nil {
			return millrace.Errorf(millrace.ReasonBadInput, "0x%02x is no instruction", op)
		}
		if err := instruction(p); err != nil {
			return err
		}
		if p.in.err != nil {
			return p.in.err
		}
	}
	return p.out.Finish(p.output)
}

// instructions has what each byte does. Each reads all its operands before it acts.
var instructions = map[int]func(*program) error{
	0x01: (*program).echo,
	0x02: (*program).fail,
	0x03: (*program).throw,
	0x04: (*program).sleep,
	0x05: (*program).pattern,
	0x06: (*program).checksum,
	0x07: (*program).call,
	0x08: (*program).join,
	0x09: func(p *program) error { return p.write(os.Stdout, 'o') },
	0x0a: func(p *program) error { return p.write(os.Stderr, 'e') },
	0x0b: (*program).exit,
	0x0c: (*program).signal,
	0x0d: (*program).spawn,
	0x0e: (*program).cancelled,
	0x0f: (*program).context,
	0x10: (*program).log,
	0x11: (*program).stream,
	0x12: (*program).capacity,
	0x13: (*program).content,
	0x14: (*program).burn,
}

func (p *program) echo() error {
	p.output = append(p.output, p.in.bytes(p.in.u32())...)
	return nil
}

func (p *program) fail() error {
	reason, retry := p.in.u8(), p.in.u8()
	code := string(p.in.bytes(p.in.u8()))
	message := string(p.in.bytes(p.in.u16()))
	if p.in.err != nil {
		return p.in.err
	}
	return &millrace.Error{Reason: millrace.Reason(reason), Retry: millrace.Retry(retry), Code: code, Message: message}
}

func (p *program) throw() error {
	message := string(p.in.bytes(p.in.u16()))
	if p.in.err != nil {
		return p.in.err
	}
	return errors.New(message)
}

func (p *program) sleep() error {
	timer := time.NewTimer(time.Duration(p.in.u32()) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.ctx.Done():
	}
	return nil
}

func (p *program) pattern() error {
	n, seed := p.in.u32(), p.in.u32()
	if n > outputBytesMax {
		return millrace.Errorf(millrace.ReasonBadInput, "a pattern of %d bytes is over %d", n, outputBytesMax)
	}
	p.output = append(p.output, pattern(n, uint32(seed))...)
	return nil
}

func (p *program) checksum() error {
	p.output = binary.LittleEndian.AppendUint32(p.output, crc32.ChecksumIEEE(p.in.bytes(p.in.u32())))
	return nil
}

func (p *program) call() error {
	flags := p.in.u8()
	name := string(p.in.bytes(p.in.u8()))
	timeoutMs := p.in.u32()
	input := p.in.bytes(p.in.u32())
	if p.in.err != nil {
		return p.in.err
	}
	var options []millrace.CallOption
	if timeoutMs > 0 {
		options = append(options, millrace.Timeout(time.Duration(timeoutMs)*time.Millisecond))
	}
	outcome := func() []byte { return encodeOutcome(millrace.CallBytes(p.ctx, name, input, options...)) }
	if flags&1 == 0 {
		p.output = append(p.output, outcome()...)
		return nil
	}
	ended := make(chan []byte, 1)
	p.running = append(p.running, ended)
	go func() { ended <- outcome() }()
	return nil
}

func (p *program) join() error {
	for _, ended := range p.running {
		p.output = append(p.output, <-ended...)
	}
	p.running = nil
	return nil
}

// encodeOutcome is the outcome of a call as CALL and JOIN append it.
func encodeOutcome(output []byte, err error) []byte {
	if err == nil {
		return append(binary.LittleEndian.AppendUint32([]byte{0}, uint32(len(output))), output...)
	}
	failure := &millrace.Error{Reason: millrace.ReasonHandlerError, Status: millrace.StatusUnknown, Message: err.Error()}
	errors.As(err, &failure)
	status := failure.Status
	if status == 0 {
		status = failure.Reason.Status()
	}
	made := []byte{1, byte(failure.Reason), byte(status), byte(failure.Retry)}
	for _, text := range []string{failure.Code, failure.Message} {
		text = text[:min(len(text), math.MaxUint16)]
		made = append(binary.LittleEndian.AppendUint16(made, uint16(len(text))), text...)
	}
	return made
}

func (p *program) cancelled() error {
	if p.ctx.Err() != nil {
		p.output = append(p.output, 1)
	} else {
		p.output = append(p.output, 0)
	}
	return nil
}

func (p *program) context() error {
	info, _ := millrace.FromContext(p.ctx)
	left := uint32(math.MaxUint32)
	if deadline, has := p.ctx.Deadline(); has {
		left = uint32(min(max(time.Until(deadline).Microseconds(), 0), math.MaxUint32-1))
	}
	p.output = append(p.output, byte(info.Depth), byte(info.Priority))
	p.output = binary.LittleEndian.AppendUint32(p.output, uint32(info.Attempt))
	p.output = binary.LittleEndian.AppendUint32(p.output, left)
	p.output = append(p.output, info.Trace.ID[:]...)
	p.output = append(p.output, info.Trace.Span[:]...)
	p.output = append(p.output, info.Trace.Flags)
	return nil
}

func (p *program) stream() error {
	n, size, seed := p.in.u32(), p.in.u32(), p.in.u32()
	if p.in.err != nil {
		return p.in.err
	}
	if size > outputBytesMax {
		return millrace.Errorf(millrace.ReasonBadInput, "a part of %d bytes is over %d", size, outputBytesMax)
	}
	first := p.output
	p.output = nil
	if _, err := p.out.Write(first); err != nil {
		return err
	}
	for at := range n {
		if _, err := p.out.Write(pattern(size, uint32(seed+at))); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) capacity() error {
	calls := p.in.u32()
	if p.in.err != nil {
		return p.in.err
	}
	return millrace.SetCapacity(calls)
}

func (p *program) content() error {
	return p.out.SetContent(millrace.Content(p.in.u8()))
}
