package millrace

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// ringPipe is a channel's two pipes with two rings beside them: up to ATTACHED bytes go by the pipe, after it by the
// ring, and the pipe has WAKE alone. To the channel it is a pipe like any other.
type ringPipe struct {
	file     *filePipe
	segment  *segment
	producer *ringProducer
	consumer *ringConsumer
	// pipeBytes is how many bytes still go by the pipe, or -1: all. ATTACHED is the last of them.
	pipeBytes atomic.Int64
	// plain: WELCOME did not accept the rings. attached: ATTACHED has come.
	plain, attached atomic.Bool
	// These five are the reader's. intoMessage counts the bytes that have come of a message on the pipe before ATTACHED.
	intoMessage int
	wakes       assembler
	wakeBuffer  []byte
	ended       error
	fault       *verdict
	// room tells a writer that waits that there may be room. closed ends its wait.
	room   chan struct{}
	closed chan struct{}
	once   sync.Once
	// wakeMu guards wakeRest: WAKE is sent by the reader and by the writer.
	wakeMu sync.Mutex
	// wakeRest is what the pipe did not take of the last WAKE.
	wakeRest []byte
	// spins: there are processors besides the one that would poll.
	spins bool
}

// errBeside is what read and write return when the engine broke a rule beside its messages.
type errBeside struct{ *verdict }

func (e errBeside) Error() string { return e.text }

var wakeMessage = func() []byte {
	m := make(message, messageBytes)
	m[offsetType] = typeWake
	return m
}()

func newRingPipe(file *filePipe, s *segment) *ringPipe {
	p := &ringPipe{
		file: file, segment: s, producer: newRingProducer(s), consumer: newRingConsumer(s),
		wakeBuffer: make([]byte, wakesPerRead*messageBytes), room: make(chan struct{}, 1), closed: make(chan struct{}),
		spins: runtime.GOMAXPROCS(0) > 1,
	}
	p.pipeBytes.Store(-1)
	return p
}

// settle says whether WELCOME accepted the rings. Called by the reader.
func (p *ringPipe) settle(accepted bool) { p.plain.Store(!accepted) }

// switchOutAfter: everything after the next bytes that are written goes by the ring.
func (p *ringPipe) switchOutAfter(bytes int) { p.pipeBytes.Store(int64(bytes)) }

// switchIn: ATTACHED has come. Called by the reader.
func (p *ringPipe) switchIn() { p.attached.Store(true) }

func (p *ringPipe) read(into []byte) (int, error) {
	if p.plain.Load() {
		return p.file.read(into)
	}
	if !p.attached.Load() {
		// Never beyond a message's end, so that nothing which follows ATTACHED is read with it.
		n, err := p.file.read(into[:messageBytes-p.intoMessage])
		p.intoMessage = (p.intoMessage + n) % messageBytes
		return n, err
	}
	for {
		there, ok := p.consumer.look()
		if !ok {
			return 0, errBeside{broken("ring-indices", "the tail of the ring IN is further above its head than the ring has cells")}
		}
		if there > 0 {
			count := min(there, uint32(len(into)/messageBytes))
			p.consumer.take(into, count)
			if p.consumer.mustWake() {
				p.wake()
			}
			return int(count) * messageBytes, nil
		}
		if p.fault != nil {
			return 0, errBeside{p.fault}
		}
		if p.ended != nil {
			return 0, p.ended
		}
		if !p.readPipe() {
			return 0, errAgain
		}
	}
}

// readPipe takes what the pipe has: WAKE, or its end. false: it had nothing. A poller that tells of changes alone
// needs it to be read until then.
func (p *ringPipe) readPipe() bool {
	n, err := p.file.read(p.wakeBuffer)
	if errors.Is(err, errAgain) {
		return false
	}
	if err != nil {
		p.ended = err
		p.tellRoom()
		return true
	}
	p.wakes.push(p.wakeBuffer[:n], func(m message) bool {
		if m.messageType() != typeWake {
			p.fault = broken("ring-only", "%s came on the pipe after ATTACHED", typeName(m.messageType()))
		} else if _, fault := judge(m, sideEngine); fault != nil {
			p.fault = fault
		}
		return p.fault == nil
	})
	p.tellRoom()
	return true
}

func (p *ringPipe) write(from []byte) (int, error) {
	left := p.pipeBytes.Load()
	if p.plain.Load() || left < 0 {
		return p.file.write(from)
	}
	if left > 0 {
		n, err := p.file.write(from[:min(int(left), len(from))])
		p.pipeBytes.Add(int64(-n))
		return n, err
	}
	n, ok := p.producer.put(from)
	switch {
	case !ok:
		return 0, errBeside{broken("ring-indices", "the head of the ring OUT is not between what was taken before and its tail")}
	case n == 0:
		return 0, errAgain
	case p.producer.mustWake():
		p.wake()
	}
	return n, nil
}

// wake sends WAKE. A pipe that takes nothing holds what wakes the engine; one without a reader has no engine, as the
// end of IN tells.
func (p *ringPipe) wake() {
	p.wakeMu.Lock()
	defer p.wakeMu.Unlock()
	for _, part := range [][]byte{p.wakeRest, wakeMessage} {
		if len(part) == 0 {
			continue
		}
		n, err := p.file.write(part)
		if err != nil {
			return
		}
		if p.wakeRest = part[n:]; len(p.wakeRest) > 0 {
			return
		}
	}
}

// whenReadable: between two calls of do it polls, sets the flag, looks once more, and leaves the rest to the poller.
func (p *ringPipe) whenReadable(do func() bool) {
	p.file.whenReadable(func() bool {
		for {
			if p.attached.Load() {
				p.consumer.wakes()
			}
			if do() {
				return true
			}
			if !p.attached.Load() || (!p.polled() && p.consumer.sleeps()) {
				return false
			}
		}
	})
}

// polled looks for a message for as long as the engine wants. Whether there is one.
func (p *ringPipe) polled() bool {
	wanted := p.segment.poll()
	if !p.spins || wanted == 0 {
		return false
	}
	for begun := time.Now(); time.Since(begun) < wanted; {
		// A handler that was just started waits for this processor: to wake another one for it costs more than a call.
		runtime.Gosched()
		for range ringLooksPerClock {
			if there, ok := p.consumer.look(); there > 0 || !ok {
				return true
			}
		}
	}
	return false
}

func (p *ringPipe) whenWritable(do func() bool) {
	if p.plain.Load() || p.pipeBytes.Load() != 0 {
		p.file.whenWritable(do)
		return
	}
	for !do() {
		if !p.producer.waits() {
			continue
		}
		select {
		case <-p.room:
		case <-p.closed:
			return
		}
	}
}

func (p *ringPipe) tellRoom() {
	select {
	case p.room <- struct{}{}:
	default: // One that waits to be seen is enough.
	}
}

func (p *ringPipe) readableWithin() bool {
	if p.plain.Load() || !p.attached.Load() {
		return p.file.readableWithin()
	}
	if !p.consumer.sleeps() {
		return true
	}
	woken := p.file.readableWithin()
	p.consumer.wakes()
	there, _ := p.consumer.look()
	return woken || there > 0
}

// whenReadable sleeps and has set the flag, but who reads meanwhile takes it back. Without it the engine would send no
// WAKE, and nobody would look.
func (p *ringPipe) rests() bool {
	return p.plain.Load() || !p.attached.Load() || p.consumer.sleeps()
}

func (p *ringPipe) interrupt() {
	p.once.Do(func() { close(p.closed) })
	p.file.interrupt()
}

func (p *ringPipe) closeRead()  { p.file.closeRead() }
func (p *ringPipe) closeWrite() { p.file.closeWrite() }
