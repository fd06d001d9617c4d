package millrace

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// channelListener gets what comes over a channel. Its methods are called with the channel's mu held.
type channelListener interface {
	// onMessage takes one whole message, valid only during the call. false: take no more.
	onMessage(m message) bool
	// onEnd: the channel ended. err is nil at end of file. truncated: the engine cut a message short (rule
	// channel-truncated). Once.
	onEnd(err error, truncated bool)
}

// channel turns messages to bytes and back over one pair of pipes, and holds the one lock under which everything that
// a worker knows lies: calls, ids, credit, outbox.
//
// Who reads. One goroutine always waits for the pipe in the runtime's poller (listen). Besides it, a goroutine that
// has nothing else to do but wait for a message, because its handler ended or waits for an internal call, looks for
// itself for a while (await, linger): then no goroutine has to be woken for the message. That is done where there is
// one processor only; with more, another core would be woken all the same. Only one reads at a time: it has the lead.
type channel struct {
	pipe     pipe
	listener channelListener

	// mu guards everything below, and the state of the rooms. Taken by lock, given back by release.
	mu     sync.Mutex
	outbox outbox
	// nowhere takes what is written after the end.
	nowhere        message
	writingNowhere bool
	// writing: a goroutine writes. blocked: the pipe is full and a goroutine waits for room.
	writing, blocked bool
	// unblocking: that goroutine writes now, and waits again if need be.
	unblocking bool
	// sealed: the last message was sent. ended: what is sent goes nowhere.
	sealed, ended bool
	// closed: it was left; writeClosed: so was the pipe to the engine.
	closed, writeClosed bool
	// lost is why a send found the channel over; told to the listener by release.
	lost        error
	roomWaiters []roomWaiter
	// looking: a goroutine looks for messages itself. One at a time: the others' work would wait behind it.
	looking bool
	// started has the calls that the messages just read have made ready to run.
	started []*servedCall
	// onEmpty is called with mu held when everything that was sent has left. Set while the worker ends.
	onEmpty func()

	// openCalls counts the handlers that run. mu is held.
	openCalls func() int

	lead atomic.Uint32
	// These belong to whoever has the lead: when listen last read, how many times in a row it did so fast, and how many
	// there must be.
	buffer           []byte
	assembler        assembler
	lastRead         time.Time
	fast, fastWanted int
	// single: there is one processor. hot: messages come fast, so that waiting for them with it is worth it.
	single bool
	hot    atomic.Bool
}

// States of the lead.
const (
	leadFree = iota
	leadTaken
	// leadAsked: somebody found it taken while there may be something to read; who has it looks once more.
	leadAsked
)

// roomWaiter is something that stopped sending because the outbox was high.
type roomWaiter interface {
	// onRoom: there is room again. It may send, and may wait anew. mu is held.
	onRoom()
}

func newChannel(p pipe, listener channelListener) *channel {
	c := &channel{
		pipe: p, listener: listener, nowhere: make(message, messageBytes), buffer: make([]byte, readBufferBytes),
		single: runtime.GOMAXPROCS(0) == 1, fastWanted: fastWantedMin,
	}
	c.outbox.init()
	return c
}

func (c *channel) lock() { c.mu.Lock() }

// release writes what waits and gives the lock back. One write for all that was sent under it.
func (c *channel) release() {
	c.flush()
	if c.lost != nil && !c.ended {
		c.end(c.lost)
	}
	c.mu.Unlock()
}

// high says whether so much waits that DATA should wait and LOG be dropped.
func (c *channel) high() bool { return c.outbox.waiting() >= outboxMessagesHigh }

// begin begins a message. Set its fields and body, then call send before anything else is begun. Never fails.
func (c *channel) begin(number uint8) message {
	if !c.ended && !c.sealed && c.lost == nil {
		if m := c.outbox.begin(number); m != nil {
			return m
		}
		c.lost = errors.New("it has stopped reading")
	}
	c.writingNowhere = true
	return c.nowhere
}

// send ends the message begun last, with that many body bytes.
func (c *channel) send(length int) {
	if c.writingNowhere {
		c.writingNowhere = false
		return
	}
	// Not written here: a write gives up mu, and who sends is in the midst of something.
	c.outbox.end(length)
}

// sendCold sends a body in as many messages as it needs, with MORE on all but the last. set sets the header fields of
// each: rules cold-span-consecutive and cold-span-header.
func (c *channel) sendCold(number uint8, body []byte, set func(message)) {
	for {
		m := c.begin(number)
		if set != nil {
			set(m)
		}
		n := copy(m[headerBytes:], body)
		body = body[n:]
		if len(body) > 0 {
			m.setFlags(flagMore)
		}
		c.send(n)
		if len(body) == 0 {
			return
		}
	}
}

// seal: what was sent leaves; what is sent from now on goes nowhere.
func (c *channel) seal() { c.sealed = true }

// end tells the listener that the channel is over. mu is held. After a rule that was broken beside the messages the way
// to the engine is whole, and GOODBYE goes out by it.
func (c *channel) end(err error) {
	if c.ended {
		return
	}
	c.ended = c.lost != nil || !errors.As(err, &errBeside{})
	if errors.Is(err, io.EOF) {
		err = nil
	}
	c.listener.onEnd(err, c.assembler.filled > 0)
}

// close stops reading and sending. What was not written is lost; the listener is not told. mu is held.
func (c *channel) close() {
	if c.closed {
		return
	}
	c.ended, c.closed = true, true
	c.roomWaiters = nil
	c.pipe.interrupt()
	if !c.writing {
		c.closeWrite()
	}
}
