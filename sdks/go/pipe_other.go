//go:build !linux

package millrace

import "syscall"

func readNow(fd int, into []byte) (int, error) {
	for {
		n, err := syscall.Read(fd, into)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

func writeNow(fd int, from []byte) (int, error) {
	for {
		n, err := syscall.Write(fd, from)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

// readableWithin has no means here: the runtime's poller waits.
func readableWithin(int) bool { return false }
