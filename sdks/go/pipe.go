package millrace

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// pipe is a worker's ends of its two pipes. Reads and writes never wait.
type pipe interface {
	// read reads what is there. errAgain: nothing is; io.EOF: nothing will be.
	read(into []byte) (int, error)
	// write writes what fits. errAgain: nothing does.
	write(from []byte) (int, error)
	// whenReadable calls do at once, and again whenever there may be something to read, until it returns true or the
	// pipe is closed.
	whenReadable(do func() bool)
	// whenWritable is the same for room to write.
	whenWritable(do func() bool)
	// readableWithin waits up to heldWait for something to read, without letting another goroutine have its
	// processor. Returns false at once where that cannot be had.
	readableWithin() bool
	// rests tells, when somebody else than whenReadable has read and goes, that from now on what comes is for
	// whenReadable, which waits. false: something is there already, and is to be read first.
	rests() bool
	// interrupt ends whenReadable and whenWritable, now and for ever.
	interrupt()
	// closeRead and closeWrite give the two ends back. Once each, when nobody reads or writes.
	closeRead()
	closeWrite()
}

// errAgain says that a read or write would have to wait.
var errAgain = errors.New("would wait")

// filePipe is two descriptors that do not block: the FIFOs of the launch contract, or pipes.
type filePipe struct {
	in, out         *os.File
	inFd, outFd     int
	inConn, outConn syscall.RawConn
}

// openFifos opens IN, then OUT, without blocking and close-on-exec: rules launch-open-order and
// channel-close-on-exec. syscall.ENXIO: nobody reads OUT, so the engine is gone.
func openFifos(inPath, outPath string) (*filePipe, error) {
	in, err := syscall.Open(inPath, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: inPath, Err: err}
	}
	out, err := syscall.Open(outPath, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		syscall.Close(in)
		return nil, &os.PathError{Op: "open", Path: outPath, Err: err}
	}
	return newFilePipe(os.NewFile(uintptr(in), inPath), os.NewFile(uintptr(out), outPath))
}

// newFilePipe takes over two files that do not block.
func newFilePipe(in, out *os.File) (*filePipe, error) {
	p := &filePipe{in: in, out: out}
	var err error
	if p.inConn, err = in.SyscallConn(); err != nil {
		return nil, err
	}
	if p.outConn, err = out.SyscallConn(); err != nil {
		return nil, err
	}
	if err := p.inConn.Control(func(fd uintptr) { p.inFd = int(fd) }); err != nil {
		return nil, err
	}
	return p, p.outConn.Control(func(fd uintptr) { p.outFd = int(fd) })
}

func (p *filePipe) read(into []byte) (int, error) {
	n, err := readNow(p.inFd, into)
	switch {
	case err == syscall.EAGAIN:
		return 0, errAgain
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (p *filePipe) write(from []byte) (int, error) {
	n, err := writeNow(p.outFd, from)
	if err == syscall.EAGAIN {
		return 0, errAgain
	}
	return n, err
}

// The runtime's poller parks the goroutine between two calls of do. An error means that the file was closed.
func (p *filePipe) whenReadable(do func() bool) {
	_ = p.inConn.Read(func(uintptr) bool { return do() })
}

func (p *filePipe) whenWritable(do func() bool) {
	_ = p.outConn.Write(func(uintptr) bool { return do() })
}

func (p *filePipe) readableWithin() bool { return readableWithin(p.inFd) }

// The kernel tells the poller of whatever comes, no matter who reads.
func (p *filePipe) rests() bool { return true }

func (p *filePipe) interrupt() {
	past := time.Unix(1, 0)
	_ = p.in.SetReadDeadline(past)
	_ = p.out.SetWriteDeadline(past)
}

func (p *filePipe) closeRead()  { _ = p.in.Close() }
func (p *filePipe) closeWrite() { _ = p.out.Close() }
