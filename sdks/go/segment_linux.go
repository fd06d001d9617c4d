package millrace

import (
	"strconv"
	"syscall"
)

const (
	fGetSeals = 1034
	// sealsNeeded are those against further seals, shrinking and growing.
	sealsNeeded = 1 | 2 | 4
)

// openSegment maps the descriptor with that number, such as "3", and closes it: rule ring-descriptor-closed. nil when it
// names nothing that is sealed and laid out as the rule ring-offer asks; then the descriptor stays as it is, for it is
// somebody else's.
func openSegment(number string) *segment {
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 0 {
		return nil
	}
	seals, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, uintptr(fd), fGetSeals, 0)
	var about syscall.Stat_t
	if errno != 0 || seals&sealsNeeded != sealsNeeded || syscall.Fstat(fd, &about) != nil || about.Size > segmentBytesMax {
		return nil
	}
	memory, err := syscall.Mmap(fd, 0, int(about.Size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	s, ok := newSegment(memory)
	if !ok {
		_ = syscall.Munmap(memory)
		return nil
	}
	_ = syscall.Close(fd)
	return s
}
