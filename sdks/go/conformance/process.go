package main

import (
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// Instructions about the process that runs them.

func (p *program) write(to *os.File, letter byte) error {
	n := p.in.u32()
	letters := make([]byte, min(n, 65_536))
	for at := range letters {
		letters[at] = letter
	}
	for n > 0 {
		written, err := to.Write(letters[:min(n, len(letters))])
		if err != nil {
			return err
		}
		n -= written
	}
	return nil
}

func (p *program) exit() error {
	code := p.in.u8()
	if p.in.err == nil {
		os.Exit(code)
	}
	return nil
}

func (p *program) signal() error {
	number := p.in.u8()
	if p.in.err != nil {
		return p.in.err
	}
	return syscall.Kill(os.Getpid(), syscall.Signal(number))
}

func (p *program) spawn() error {
	ms := p.in.u32()
	if p.in.err != nil {
		return p.in.err
	}
	return exec.Command("sleep", strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64)).Start()
}

func (p *program) log() error {
	level := p.in.u8()
	message := string(p.in.bytes(p.in.u16()))
	if p.in.err != nil {
		return p.in.err
	}
	levels := map[int]slog.Level{1: slog.LevelDebug, 2: slog.LevelInfo, 3: slog.LevelWarn, 4: slog.LevelError}
	p.logger.Log(p.ctx, levels[level], message)
	return nil
}

func (p *program) burn() error {
	until := time.Now().Add(time.Duration(p.in.u32()) * time.Millisecond)
	for time.Now().Before(until) {
	}
	return nil
}
