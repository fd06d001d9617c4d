package millrace

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"unsafe"
)

const testCells = ringCellsMin

// testSegment is a segment in plain memory, aligned as a mapping is.
func testSegment(t *testing.T) *segment {
	t.Helper()
	length := segmentCellsAt + 2*testCells*messageBytes
	words := make([]uint64, length/8)
	memory := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), length)
	copy(memory, segmentHead(segmentMagic, segmentLayout, testCells))
	s, ok := newSegment(memory)
	if !ok {
		t.Fatal("the segment is refused")
	}
	return s
}

func segmentHead(magic string, layout, cells uint32) []byte {
	head := make([]byte, segmentOffsetCells+4)
	copy(head, magic)
	binary.LittleEndian.PutUint32(head[segmentOffsetLayout:], layout)
	binary.LittleEndian.PutUint32(head[segmentOffsetCells:], cells)
	return head
}

// numbered is the bytes of so many messages that differ, beginning with this one.
func numbered(first, count uint32) []byte {
	var all []byte
	for i := range count {
		one := bytes.Repeat([]byte{byte((first+i)*7 + 1)}, messageBytes)
		binary.LittleEndian.PutUint32(one, first+i)
		all = append(all, one...)
	}
	return all
}

// publish does what an engine does with the ring IN: cells first, then the tail.
func (s *segment) publish(first, count uint32) {
	all := numbered(first, count)
	for i := range count {
		at := segmentCellsAt + int((first+i)%testCells)*messageBytes
		copy(s.memory[at:at+messageBytes], all[int(i)*messageBytes:])
	}
	s.word(segmentOffsetInTail).Store(first + count)
}

// sent is what lies in a cell of the ring OUT.
func (s *segment) sent(number uint32) []byte {
	at := segmentCellsAt + int(testCells+number%testCells)*messageBytes
	return s.memory[at : at+messageBytes]
}

// Counters that begin at nothing, at the last message before the wrap, within a ring before it, and where the sign turns.
var counterBegins = []uint32{0, 0xffff_ffff, 0xffff_fff8, 0x7fff_ffff}

func TestSegmentIsRefusedUnlessMagicLayoutCellsAndSizeAreRight(t *testing.T) {
	good := func() []byte {
		return append(segmentHead(segmentMagic, segmentLayout, testCells),
			make([]byte, segmentCellsAt+2*testCells*messageBytes-segmentOffsetCells-4)...)
	}
	with := func(head []byte) []byte { return append(head, good()[len(head):]...) }
	for name, memory := range map[string][]byte{
		"nothing":             {},
		"ends in the fields":  good()[:segmentCellsAt-1],
		"short":               good()[:len(good())-1],
		"long":                append(good(), 0),
		"another magic":       with(segmentHead("MILLRINg", segmentLayout, testCells)),
		"another layout":      with(segmentHead(segmentMagic, segmentLayout+1, testCells)),
		"no cells":            with(segmentHead(segmentMagic, segmentLayout, 0))[:segmentCellsAt],
		"few cells":           with(segmentHead(segmentMagic, segmentLayout, 8))[:segmentCellsAt+16*messageBytes],
		"no power of two":     append(with(segmentHead(segmentMagic, segmentLayout, 24)), make([]byte, 16*messageBytes)...),
		"cells that overflow": with(segmentHead(segmentMagic, segmentLayout, 0x8000_0000)),
		"more than there are": with(segmentHead(segmentMagic, segmentLayout, 32)),
		"more than may be":    append(segmentHead(segmentMagic, segmentLayout, 2048), make([]byte, segmentCellsAt+4096*messageBytes-16)...),
	} {
		if _, ok := newSegment(memory); ok {
			t.Errorf("%s: taken", name)
		}
	}
	if s, ok := newSegment(good()); !ok || s.cells != testCells {
		t.Error("a right one is refused")
	}
}

func TestSegmentIsNeverPolledForLongerThanAWorkerMay(t *testing.T) {
	s := testSegment(t)
	s.word(segmentOffsetPollUs).Store(0xffff_ffff)
	if got := s.poll().Microseconds(); got != ringPollUsMax {
		t.Errorf("%d µs", got)
	}
}

func TestConsumerTakesInOrderAcrossTheWrapOfItsCounterAndItsCells(t *testing.T) {
	const count = testCells - 3
	for _, begin := range counterBegins {
		s := testSegment(t)
		c := newRingConsumer(s)
		c.head.Store(begin)
		for next := begin; next != begin+3*count; next += count {
			s.publish(next, count)
			if there, ok := c.look(); !ok || there != count {
				t.Fatalf("from %#x: %d, %v", next, there, ok)
			}
			into := make([]byte, count*messageBytes)
			c.take(into, count)
			if !bytes.Equal(into, numbered(next, count)) {
				t.Fatalf("from %#x: other messages", next)
			}
			if head := s.word(segmentOffsetInHead).Load(); head != next+count {
				t.Fatalf("the head is %#x after %#x", head, next)
			}
		}
	}
}

func TestConsumerRefusesATailBelowItsHeadOrAWholeRingAboveIt(t *testing.T) {
	for _, begin := range counterBegins {
		s := testSegment(t)
		c := newRingConsumer(s)
		c.head.Store(begin)
		for _, above := range []uint32{testCells + 1, 0x8000_0000, 0xffff_ffff} {
			s.word(segmentOffsetInTail).Store(begin + above)
			if _, ok := c.look(); ok {
				t.Errorf("%#x + %#x is taken", begin, above)
			}
			if c.sleeps() {
				t.Errorf("%#x + %#x: it sleeps, and would never learn of it", begin, above)
			}
		}
		s.word(segmentOffsetInTail).Store(begin + testCells)
		if there, ok := c.look(); !ok || there != testCells {
			t.Errorf("a full ring from %#x: %d, %v", begin, there, ok)
		}
	}
}

func TestConsumerHoldsACopyThatLaterWritesDoNotChange(t *testing.T) {
	s := testSegment(t)
	c := newRingConsumer(s)
	s.publish(0, 1)
	into := make([]byte, messageBytes)
	c.take(into, 1)
	s.publish(testCells, 1)
	if !bytes.Equal(into, numbered(0, 1)) {
		t.Error("the copy changed with the cell")
	}
}

func TestProducerPublishesInOrderAcrossTheWrapAsMuchAsThereIsRoomFor(t *testing.T) {
	for _, begin := range counterBegins {
		s := testSegment(t)
		p := newRingProducer(s)
		p.tail.Store(begin)
		s.word(segmentOffsetOutHead).Store(begin)
		all := numbered(begin, testCells+5)
		put := func(from []byte, want int) {
			t.Helper()
			if n, ok := p.put(from); !ok || n != want*messageBytes {
				t.Fatalf("from %#x: %d bytes, %v; expected %d messages", begin, n, ok, want)
			}
		}
		put(all, testCells)
		put(all, 0)
		for i := range uint32(testCells) {
			if !bytes.Equal(s.sent(begin+i), numbered(begin+i, 1)) {
				t.Fatalf("from %#x: another message %d", begin, i)
			}
		}
		s.word(segmentOffsetOutHead).Store(begin + 5)
		put(all[testCells*messageBytes:], 5)
		if !bytes.Equal(s.sent(begin+testCells+4), numbered(begin+testCells+4, 1)) {
			t.Fatalf("from %#x: the last is another", begin)
		}
		if !bytes.Equal(s.sent(begin+5), numbered(begin+5, 1)) {
			t.Fatalf("from %#x: one that was not taken is overwritten", begin)
		}
		if tail := s.word(segmentOffsetOutTail).Load(); tail != begin+testCells+5 {
			t.Fatalf("the tail is %#x", tail)
		}
	}
}

func TestProducerRefusesAHeadAboveItsTailOrAWholeRingBelowIt(t *testing.T) {
	for _, begin := range counterBegins {
		for _, head := range []uint32{begin + 1, begin - testCells - 1, begin + 0x8000_0000} {
			t.Run(fmt.Sprintf("%#x below %#x", head, begin), func(t *testing.T) {
				s := testSegment(t)
				p := newRingProducer(s)
				p.tail.Store(begin)
				s.word(segmentOffsetOutHead).Store(head)
				if _, ok := p.put(numbered(0, 1)); ok {
					t.Error("taken")
				}
				if p.waits() {
					t.Error("it waits, and would never learn of it")
				}
				if s.word(segmentOffsetOutTail).Load() != 0 {
					t.Error("something was published")
				}
			})
		}
	}
}

func TestFlagsAreSetBeforeTheSecondLookAndTakenOnce(t *testing.T) {
	s := testSegment(t)
	p, c := newRingProducer(s), newRingConsumer(s)
	flag := func(offset int, want uint32) {
		t.Helper()
		if got := s.word(offset).Load(); got != want {
			t.Errorf("the flag is %d", got)
		}
	}
	if !c.sleeps() {
		t.Error("it does not sleep though nothing is there")
	}
	flag(segmentOffsetInConsumerSleeping, 1)
	c.wakes()
	flag(segmentOffsetInConsumerSleeping, 0)
	s.publish(0, 1)
	if c.sleeps() {
		t.Error("it sleeps though a message came")
	}
	flag(segmentOffsetInConsumerSleeping, 0)
	if p.waits() {
		t.Error("it waits though there is room")
	}
	flag(segmentOffsetOutProducerWaiting, 0)
	p.put(numbered(0, testCells))
	if !p.waits() {
		t.Error("it does not wait though there is no room")
	}
	flag(segmentOffsetOutProducerWaiting, 1)
	for offset, mustWake := range map[int]func() bool{
		segmentOffsetOutConsumerSleeping: p.mustWake, segmentOffsetInProducerWaiting: c.mustWake,
	} {
		if mustWake() {
			t.Error("WAKE for nobody")
		}
		s.word(offset).Store(1)
		if !mustWake() || mustWake() {
			t.Error("not one WAKE")
		}
	}
}
