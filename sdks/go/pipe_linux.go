package millrace

import (
	"syscall"
	"unsafe"
)

// These never wait, or not for long, so they skip the scheduler's bookkeeping of system calls.

func readNow(fd int, into []byte) (int, error) {
	return rawIO(syscall.SYS_READ, fd, into)
}

func writeNow(fd int, from []byte) (int, error) {
	return rawIO(syscall.SYS_WRITE, fd, from)
}

func rawIO(call uintptr, fd int, bytes []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(bytes))), uintptr(len(bytes)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}

type pollFd struct {
	fd      int32
	events  int16
	revents int16
}

const pollIn = 1

// readableWithin waits in the kernel with the processor held. A signal, by which the runtime also asks a goroutine to
// stop for the garbage collector, ends the wait.
func readableWithin(fd int) bool {
	watched := pollFd{fd: int32(fd), events: pollIn}
	limit := syscall.NsecToTimespec(heldWait.Nanoseconds())
	n, _, errno := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&watched)), 1, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	return errno == 0 && n > 0
}
