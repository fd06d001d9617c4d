package millrace

import (
	"io"
	"sync"
	"syscall"
)

// memoryBytesMax is what a memory stream holds before it is full. Unit: bytes.
const memoryBytesMax = 65_536

// memoryStream is one direction of a channel within a process: the test kit's and the tests'.
type memoryStream struct {
	mu      sync.Mutex
	changed *sync.Cond
	bytes   []byte
	max     int
	// version counts changes, so that a waiter sees each.
	version uint64
	// ended: the writer left. broken: the reader did.
	ended, broken bool
}

func newMemoryStream(bytesMax int) *memoryStream {
	s := &memoryStream{max: bytesMax}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// change does something, and tells those who wait if do says that it changed anything.
func (s *memoryStream) change(do func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if do() {
		s.version++
		s.changed.Broadcast()
	}
}

func (s *memoryStream) end()      { s.change(func() bool { s.ended = true; return true }) }
func (s *memoryStream) breakOff() { s.change(func() bool { s.broken = true; return true }) }

// read is that of a pipe.
func (s *memoryStream) read(into []byte) (n int, err error) {
	s.change(func() bool {
		switch {
		case len(s.bytes) > 0:
			n = copy(into, s.bytes)
			s.bytes = s.bytes[n:]
		case s.ended:
			err = io.EOF
		default:
			err = errAgain
		}
		return n > 0
	})
	return n, err
}

// write is that of a pipe.
func (s *memoryStream) write(from []byte) (n int, err error) {
	s.change(func() bool {
		switch {
		case s.broken:
			err = syscall.EPIPE
		case len(s.bytes) >= s.max:
			err = errAgain
		default:
			n = min(len(from), s.max-len(s.bytes))
			s.bytes = append(s.bytes, from[:n]...)
		}
		return n > 0
	})
	return n, err
}

// await waits until the stream has changed since a version, and returns the present one.
func (s *memoryStream) await(since uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.version == since {
		s.changed.Wait()
	}
	return s.version
}

// readFull waits for whole messages, as the side that is no worker does.
func (s *memoryStream) readFull(into []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.bytes) < len(into) {
		if s.ended {
			if len(s.bytes) == 0 {
				return io.EOF
			}
			return io.ErrUnexpectedEOF
		}
		s.changed.Wait()
	}
	s.bytes = s.bytes[copy(into, s.bytes):]
	s.version++
	s.changed.Broadcast()
	return nil
}

// memoryPipe is a worker's two ends within a process.
type memoryPipe struct {
	in, out     *memoryStream
	interrupted chan struct{}
	once        sync.Once
}

func newMemoryPipe(in, out *memoryStream) *memoryPipe {
	return &memoryPipe{in: in, out: out, interrupted: make(chan struct{})}
}

func (p *memoryPipe) read(into []byte) (int, error)  { return p.in.read(into) }
func (p *memoryPipe) write(from []byte) (int, error) { return p.out.write(from) }
func (p *memoryPipe) readableWithin() bool           { return false }
func (p *memoryPipe) rests() bool                    { return true }
func (p *memoryPipe) whenReadable(do func() bool)    { p.when(p.in, do) }
func (p *memoryPipe) whenWritable(do func() bool)    { p.when(p.out, do) }
func (p *memoryPipe) closeRead()                     { p.in.breakOff() }
func (p *memoryPipe) closeWrite()                    { p.out.end() }

func (p *memoryPipe) interrupt() {
	p.once.Do(func() { close(p.interrupted) })
	p.in.change(func() bool { return true })
	p.out.change(func() bool { return true })
}

func (p *memoryPipe) when(s *memoryStream, do func() bool) {
	seen := uint64(0)
	for {
		select {
		case <-p.interrupted:
			return
		default:
		}
		s.mu.Lock()
		now := s.version
		s.mu.Unlock()
		if now == seen {
			now = s.await(seen)
			select {
			case <-p.interrupted:
				return
			default:
			}
		}
		seen = now
		if do() {
			return
		}
	}
}
