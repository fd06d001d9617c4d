package millrace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"unsafe"
)

// What package syscall has no names for.
const (
	fAddSeals       = 1033
	mfdAllowSealing = 2
)

var memfdCreate = map[string]uintptr{"amd64": 319, "arm64": 279}[runtime.GOARCH]

// memoryFile makes a file as an engine does, with this head, length and seals.
func memoryFile(t *testing.T, head []byte, length int64, seals uintptr) int {
	t.Helper()
	name := append([]byte("millrace-ring"), 0)
	made, _, errno := syscall.Syscall(memfdCreate, uintptr(unsafe.Pointer(&name[0])), mfdAllowSealing, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	fd := int(made)
	if err := syscall.Ftruncate(fd, length); err != nil {
		t.Fatal(err)
	}
	if _, err := syscall.Pwrite(fd, head, 0); err != nil {
		t.Fatal(err)
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, made, fAddSeals, seals); errno != 0 {
		t.Fatal(errno)
	}
	return fd
}

func isOpen(fd int) bool {
	var about syscall.Stat_t
	return syscall.Fstat(fd, &about) == nil
}

const testSegmentBytes = segmentCellsAt + 2*testCells*messageBytes

func TestSegmentIsMappedSharedAndItsDescriptorClosed(t *testing.T) {
	fd := memoryFile(t, segmentHead(segmentMagic, segmentLayout, testCells), testSegmentBytes, sealsNeeded)
	other, err := syscall.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(other)
	s := openSegment(strconv.Itoa(fd))
	if s == nil || s.cells != testCells || isOpen(fd) {
		t.Fatalf("%v, open: %v", s, isOpen(fd))
	}
	poll := binary.LittleEndian.AppendUint32(nil, 77)
	if _, err := syscall.Pwrite(other, poll, segmentOffsetPollUs); err != nil {
		t.Fatal(err)
	}
	if got := s.poll().Microseconds(); got != 77 {
		t.Errorf("%d µs", got)
	}
	s.word(segmentOffsetInHead).Store(5)
	head := make([]byte, 4)
	if _, err := syscall.Pread(other, head, segmentOffsetInHead); err != nil || binary.LittleEndian.Uint32(head) != 5 {
		t.Errorf("the other side sees a head of %v, %v", head, err)
	}
}

func TestWhatIsNoSegmentStaysOpen(t *testing.T) {
	head := segmentHead(segmentMagic, segmentLayout, testCells)
	for name, fd := range map[string]int{
		"no seal against shrinking":     memoryFile(t, head, testSegmentBytes, 1|4),
		"no seal against growing":       memoryFile(t, head, testSegmentBytes, 1|2),
		"no seal against further seals": memoryFile(t, head, testSegmentBytes, 2|4),
		"another magic":                 memoryFile(t, segmentHead("MILLRINg", segmentLayout, testCells), testSegmentBytes, sealsNeeded),
		"a byte too long":               memoryFile(t, head, testSegmentBytes+1, sealsNeeded),
		"larger than any":               memoryFile(t, head, segmentBytesMax+1, sealsNeeded),
		"empty":                         memoryFile(t, nil, 0, sealsNeeded),
	} {
		if openSegment(strconv.Itoa(fd)) != nil {
			t.Errorf("%s: taken", name)
		} else if !isOpen(fd) {
			t.Errorf("%s: closed", name)
		}
		_ = syscall.Close(fd)
	}
	for _, number := range []string{"", " 3", "-1", "3x", "1000000", "99999999999999999999"} {
		if openSegment(number) != nil {
			t.Errorf("%q names one", number)
		}
	}
}

// ringEngine is the engine's side of a ring pipe, over real pipes.
type ringEngine struct {
	t       *testing.T
	in, out *os.File
	segment *segment
	pipe    *ringPipe
}

// attachedPipe is a pipe that is attached in both directions.
func attachedPipe(t *testing.T) *ringEngine {
	t.Helper()
	e := &ringEngine{t: t, segment: testSegment(t)}
	ends := func() (read, write *os.File) {
		var fds [2]int
		if err := syscall.Pipe2(fds[:], syscall.O_NONBLOCK|syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		return os.NewFile(uintptr(fds[0]), "read"), os.NewFile(uintptr(fds[1]), "write")
	}
	var workerIn, workerOut *os.File
	workerIn, e.in = ends()
	e.out, workerOut = ends()
	file, err := newFilePipe(workerIn, workerOut)
	if err != nil {
		t.Fatal(err)
	}
	e.pipe = newRingPipe(file, e.segment)
	e.pipe.settle(true)
	e.pipe.switchOutAfter(0)
	e.pipe.switchIn()
	t.Cleanup(func() {
		e.pipe.interrupt()
		e.pipe.closeRead()
		e.pipe.closeWrite()
		_ = e.in.Close()
		_ = e.out.Close()
	})
	return e
}

// say writes to the pipe IN.
func (e *ringEngine) say(m []byte) {
	if _, err := e.in.Write(m); err != nil {
		e.t.Error(err)
	}
}

// readAll reads until there is nothing, and returns what came and why it ended.
func (e *ringEngine) readAll() ([]byte, error) {
	var all []byte
	into := make([]byte, testCells*messageBytes)
	for {
		n, err := e.pipe.read(into)
		if err != nil {
			return all, err
		}
		all = append(all, into[:n]...)
	}
}

func TestRingPipeTakesWhatIsPublishedAndAWakeThatTellsOfNothing(t *testing.T) {
	e := attachedPipe(t)
	e.segment.publish(0, 3)
	for range 50 {
		e.say(wakeMessage)
	}
	got, err := e.readAll()
	if !errors.Is(err, errAgain) || !bytes.Equal(got, numbered(0, 3)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestRingPipeWakesAnEngineThatWaitsForRoomOnce(t *testing.T) {
	e := attachedPipe(t)
	e.segment.word(segmentOffsetInProducerWaiting).Store(1)
	e.segment.publish(0, testCells)
	_, _ = e.readAll()
	heard := make([]byte, 3*messageBytes)
	if n, err := e.out.Read(heard); err != nil || !bytes.Equal(heard[:n], wakeMessage) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestRingPipeEndsByTheRuleThatAnEngineBreaksBesideItsMessages(t *testing.T) {
	for rule, spoil := range map[string]func(*ringEngine){
		"ring-indices": func(e *ringEngine) { e.segment.word(segmentOffsetInTail).Store(testCells + 1) },
		"ring-only":    func(e *ringEngine) { e.say(made(typePing, nil, nil)) },
	} {
		e := attachedPipe(t)
		spoil(e)
		_, err := e.readAll()
		var beside errBeside
		if !errors.As(err, &beside) || beside.rule != rule {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestRingPipeRefusesToWriteOnAHeadThatCannotBe(t *testing.T) {
	e := attachedPipe(t)
	e.segment.word(segmentOffsetOutHead).Store(0x8000_0000)
	n, err := e.pipe.write(numbered(0, 1))
	var beside errBeside
	if n != 0 || !errors.As(err, &beside) || beside.rule != "ring-indices" {
		t.Errorf("%d, %v", n, err)
	}
}

func TestRingPipeTakesWhatIsInTheRingBeforeTheEnd(t *testing.T) {
	e := attachedPipe(t)
	e.segment.publish(0, 2)
	_ = e.in.Close()
	got, err := e.readAll()
	if !errors.Is(err, io.EOF) || !bytes.Equal(got, numbered(0, 2)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestRingPipeSendsOneWakeToAnEngineThatSleeps(t *testing.T) {
	e := attachedPipe(t)
	write := func() {
		if _, err := e.pipe.write(numbered(0, 1)); err != nil {
			t.Fatal(err)
		}
	}
	write()
	e.segment.word(segmentOffsetOutConsumerSleeping).Store(1)
	write()
	write()
	heard := make([]byte, 3*messageBytes)
	if n, err := e.out.Read(heard); err != nil || !bytes.Equal(heard[:n], wakeMessage) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// A handler's goroutine that reads takes back the flag that whenReadable sleeps on. It has to set it again when it goes:
// an engine that takes the worker to be awake sends no WAKE.
func TestRingPipeLeavesWhatComesToWhoSleeps(t *testing.T) {
	e := attachedPipe(t)
	sleeping := e.segment.word(segmentOffsetInConsumerSleeping)
	if e.pipe.readableWithin() || !e.pipe.rests() || sleeping.Load() != 1 {
		t.Errorf("goes with the flag at %d", sleeping.Load())
	}
	e.segment.publish(0, 1)
	if e.pipe.rests() {
		t.Error("goes although there is a message")
	}
	if got, err := e.readAll(); !errors.Is(err, errAgain) || !bytes.Equal(got, numbered(0, 1)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if !e.pipe.rests() || sleeping.Load() != 1 {
		t.Errorf("goes with the flag at %d after it has read", sleeping.Load())
	}
}

// Both sides sleep and wake, both rings run full, and no message is lost, doubled, torn or overtaken. A WAKE that is lost
// leaves both asleep, and the time limit of the tests tells. In one process, the race detector sees both sides.
func TestRingPipeLosesNothing(t *testing.T) {
	for _, pollUs := range []uint32{0, 50} {
		t.Run(strconv.Itoa(int(pollUs)), func(t *testing.T) { echoesAll(t, pollUs) })
	}
}

func echoesAll(t *testing.T, pollUs uint32) {
	const messages = 1_000
	e := attachedPipe(t)
	s := e.segment
	s.word(segmentOffsetPollUs).Store(pollUs)
	// The worker's own two goroutines: one reads, one writes. Who reads never waits for who writes: it brings the WAKE that
	// tells of room.
	parts := make(chan []byte, messages)
	go e.pipe.whenReadable(func() bool {
		for {
			into := make([]byte, 5*messageBytes)
			n, err := e.pipe.read(into)
			if n > 0 {
				parts <- into[:n]
			}
			if err != nil {
				return !errors.Is(err, errAgain)
			}
		}
	})
	go func() {
		for part := range parts {
			e.pipe.whenWritable(func() bool {
				n, err := e.pipe.write(part)
				part = part[n:]
				return len(part) == 0 || (err != nil && !errors.Is(err, errAgain))
			})
		}
	}()
	go func() {
		for i := uint32(0); i < messages; {
			if i-s.word(segmentOffsetInHead).Load() == testCells {
				runtime.Gosched()
				continue
			}
			s.publish(i, 1)
			i++
			if exchanged(s.word(segmentOffsetInConsumerSleeping)) {
				e.say(wakeMessage)
			}
		}
	}()
	heard := make([]byte, messageBytes)
	for i := uint32(0); i < messages; {
		if s.word(segmentOffsetOutTail).Load() == i {
			s.word(segmentOffsetOutConsumerSleeping).Store(1)
			if s.word(segmentOffsetOutTail).Load() == i {
				if _, err := io.ReadFull(e.out, heard); err != nil {
					t.Fatal(err)
				}
			}
			s.word(segmentOffsetOutConsumerSleeping).Store(0)
			continue
		}
		if got := bytes.Clone(s.sent(i)); !bytes.Equal(got, numbered(i, 1)) {
			t.Fatalf("message %d is another", i)
		}
		i++
		s.word(segmentOffsetOutHead).Store(i)
		if exchanged(s.word(segmentOffsetOutProducerWaiting)) {
			e.say(wakeMessage)
		}
	}
	_ = e.in.Close()
}
