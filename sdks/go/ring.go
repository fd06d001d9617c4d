package millrace

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// The two halves of a ring in shared memory, and the segment they lie in: spec chapter 11. No I/O: WAKE is the caller's
// to send. What comes out of the memory is copied or loaded once, then checked. Go's atomic operations are
// sequentially consistent, as strong as the rules ring-sleep and ring-wake need.

// segment is the shared memory of one channel. It stays mapped until the process ends: nothing that still looks at it
// can fail.
type segment struct {
	memory []byte
	cells  uint32
}

// newSegment says whether memory is a segment: rule ring-offer.
func newSegment(memory []byte) (*segment, bool) {
	if len(memory) < segmentCellsAt || string(memory[:len(segmentMagic)]) != segmentMagic {
		return nil, false
	}
	s := &segment{memory: memory}
	s.cells = s.word(segmentOffsetCells).Load()
	right := s.word(segmentOffsetLayout).Load() == segmentLayout && s.cells >= ringCellsMin && s.cells <= ringCellsMax &&
		s.cells&(s.cells-1) == 0 && len(memory) == segmentCellsAt+2*int(s.cells)*messageBytes
	return s, right
}

func (s *segment) word(offset int) *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&s.memory[offset]))
}

// poll is for how long the engine wants this worker to poll, now; within the limit.
func (s *segment) poll() time.Duration {
	return time.Duration(min(s.word(segmentOffsetPollUs).Load(), ringPollUsMax)) * time.Microsecond
}

// exchanged says whether a flag was set; it is not afterwards. One that is not set costs no write.
func exchanged(flag *atomic.Uint32) bool { return flag.Load() != 0 && flag.Swap(0) != 0 }

// ringProducer sends by the ring OUT. put is for one goroutine at a time, the rest for any.
type ringProducer struct {
	segment *segment
	cells   []byte
	// tail counts what was published; it is never read back from the memory.
	tail atomic.Uint32
}

func newRingProducer(s *segment) *ringProducer {
	return &ringProducer{segment: s, cells: s.memory[segmentCellsAt+int(s.cells)*messageBytes:]}
}

// look counts the free cells. false: the engine has written a head that breaks the rule ring-indices.
func (p *ringProducer) look() (free uint32, ok bool) {
	used := p.tail.Load() - p.segment.word(segmentOffsetOutHead).Load()
	return p.segment.cells - used, used <= p.segment.cells
}

// put publishes the first whole messages of from, as many as there is room for, and returns their bytes. When there
// are any the caller asks mustWake.
func (p *ringProducer) put(from []byte) (taken int, ok bool) {
	free, ok := p.look()
	if !ok {
		return 0, false
	}
	count := min(uint32(len(from)/messageBytes), free)
	tail := p.tail.Load()
	for i := range count {
		at := int((tail+i)&(p.segment.cells-1)) * messageBytes
		copy(p.cells[at:at+messageBytes], from[int(i)*messageBytes:])
	}
	if count > 0 {
		p.tail.Store(tail + count)
		p.segment.word(segmentOffsetOutTail).Store(tail + count)
	}
	return int(count) * messageBytes, true
}

// mustWake says whether the engine sleeps and must get WAKE now: rule ring-wake.
func (p *ringProducer) mustWake() bool {
	return exchanged(p.segment.word(segmentOffsetOutConsumerSleeping))
}

// waits says that this side waits for room, and then, looking once more, whether it has to: rule ring-full.
func (p *ringProducer) waits() bool {
	p.segment.word(segmentOffsetOutProducerWaiting).Store(1)
	if free, ok := p.look(); ok && free == 0 {
		return true
	}
	p.segment.word(segmentOffsetOutProducerWaiting).Store(0)
	return false
}

// ringConsumer receives by the ring IN. For one goroutine at a time.
type ringConsumer struct {
	segment *segment
	cells   []byte
	// head counts what was taken; it is never read back from the memory. Who sleeps looks, too.
	head atomic.Uint32
}

func newRingConsumer(s *segment) *ringConsumer {
	return &ringConsumer{segment: s, cells: s.memory[segmentCellsAt : segmentCellsAt+int(s.cells)*messageBytes]}
}

// look counts the messages that are there. false: the engine has written a tail that breaks the rule ring-indices.
func (c *ringConsumer) look() (there uint32, ok bool) {
	there = c.segment.word(segmentOffsetInTail).Load() - c.head.Load()
	return there, there <= c.segment.cells
}

// take copies count messages, no more than the last look said and than fit, and frees their cells: rule
// ring-copied-once. Afterwards the caller asks mustWake.
func (c *ringConsumer) take(into []byte, count uint32) {
	head := c.head.Load()
	for i := range count {
		at := int((head+i)&(c.segment.cells-1)) * messageBytes
		copy(into[int(i)*messageBytes:], c.cells[at:at+messageBytes])
	}
	c.head.Store(head + count)
	c.segment.word(segmentOffsetInHead).Store(head + count)
}

// mustWake says whether the engine waits for room and must get WAKE now: rule ring-room.
func (c *ringConsumer) mustWake() bool {
	return exchanged(c.segment.word(segmentOffsetInProducerWaiting))
}

// sleeps says that this side sleeps, and then, looking once more, whether it may: rule ring-sleep.
func (c *ringConsumer) sleeps() bool {
	c.segment.word(segmentOffsetInConsumerSleeping).Store(1)
	if there, ok := c.look(); ok && there == 0 {
		return true
	}
	c.wakes()
	return false
}

func (c *ringConsumer) wakes() { c.segment.word(segmentOffsetInConsumerSleeping).Store(0) }
