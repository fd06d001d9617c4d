package millrace

import (
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// payloadFiles is this worker's payload directory: files that it reads once and files that it writes. A file that was
// read may be written anew, and then only to go back to where it came from: who wrote it may still have it open. owner
// says where that is. For any goroutine; never called with the channel's mu held where bytes are moved.
type payloadFiles struct {
	directory string

	mu sync.Mutex
	// kept has the files to write anew, oldest first: rule file-removed.
	kept      []keptFile
	keptBytes int64
	number    int
}

type keptFile struct {
	owner, name string
	fd          int
	bytes       int64
}

// read reads a file once and takes it; it is kept for owner within bounds, and else removed. rule is that which the
// file breaks; then it is removed, too. Rules file-regular and file-size-exact.
func (p *payloadFiles) read(name string, bytes uint32, owner string) (whole []byte, rule string) {
	// Without waiting: a FIFO would hold it up. For writing, too: it may be written anew.
	flags := syscall.O_RDWR | syscall.O_NOFOLLOW | syscall.O_NONBLOCK | syscall.O_CLOEXEC
	fd, err := syscall.Open(p.path(name), flags, 0)
	if err != nil {
		p.discard(name)
		return nil, "file-regular"
	}
	whole, rule = readPayload(fd, int64(bytes))
	if rule != "" {
		p.drop(name, fd)
		return nil, rule
	}
	p.keep(keptFile{owner, name, fd, int64(bytes)})
	return whole, ""
}

func readPayload(fd int, bytes int64) ([]byte, string) {
	var found syscall.Stat_t
	if err := syscall.Fstat(fd, &found); err != nil || found.Mode&syscall.S_IFMT != syscall.S_IFREG || found.Nlink != 1 {
		return nil, "file-regular"
	}
	if found.Size != bytes {
		return nil, "file-size-exact"
	}
	whole := make([]byte, bytes)
	for at := int64(0); at < bytes; {
		n, err := syscall.Pread(fd, whole[at:], at)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return nil, "file-size-exact" // It was cut meanwhile.
		}
		at += int64(n)
	}
	return whole, ""
}

// write writes a file, in the room of one kept for owner if there is one. Returns its name; empty: there is no room.
func (p *payloadFiles) write(bytes []byte, owner string) string {
	file, again := p.take(owner)
	if !again {
		flags := syscall.O_RDWR | syscall.O_CREAT | syscall.O_EXCL | syscall.O_NOFOLLOW | syscall.O_CLOEXEC
		fd, err := syscall.Open(p.path(file.name), flags, 0o600)
		if err != nil {
			return ""
		}
		file.fd = fd
	}
	for at := 0; at < len(bytes); {
		n, err := syscall.Pwrite(file.fd, bytes[at:], int64(at))
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			p.drop(file.name, file.fd)
			return ""
		}
		at += n
	}
	if file.bytes > int64(len(bytes)) {
		if err := syscall.Ftruncate(file.fd, int64(len(bytes))); err != nil {
			p.drop(file.name, file.fd)
			return ""
		}
	}
	syscall.Close(file.fd)
	return file.name
}

// take gives a file kept for owner, or a new name.
func (p *payloadFiles) take(owner string) (file keptFile, again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, one := range p.kept {
		if one.owner == owner {
			p.kept = append(p.kept[:at], p.kept[at+1:]...)
			p.keptBytes -= one.bytes
			return one, true
		}
	}
	p.number++
	return keptFile{name: "w" + strconv.Itoa(p.number)}, false
}

// keep keeps a file within bounds: the oldest goes.
func (p *payloadFiles) keep(file keptFile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = append(p.kept, file)
	p.keptBytes += file.bytes
	for len(p.kept) > filesKeptMax || p.keptBytes > filesKeptBytesMax {
		p.forget(0)
	}
}

// release removes what is kept for owner.
func (p *payloadFiles) release(owner string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at := len(p.kept) - 1; at >= 0; at-- {
		if p.kept[at].owner == owner {
			p.forget(at)
		}
	}
}

// forget drops one of those that are kept. mu is held.
func (p *payloadFiles) forget(at int) {
	one := p.kept[at]
	p.kept = append(p.kept[:at], p.kept[at+1:]...)
	p.keptBytes -= one.bytes
	p.drop(one.name, one.fd)
}

func (p *payloadFiles) drop(name string, fd int) {
	syscall.Close(fd)
	p.discard(name)
}

// discard removes a file unread. What cannot be removed goes with the directory, which is the engine's to remove.
func (p *payloadFiles) discard(name string) { _ = syscall.Unlink(p.path(name)) }

func (p *payloadFiles) path(name string) string { return filepath.Join(p.directory, name) }

// fileFault is what the handler or caller learns of a payload file that was refused: rule file-refused.
func fileFault(reason Reason, name, rule string) *Error {
	return Errorf(reason, "the payload file %s was refused (rule %s)", name, rule)
}

// callOwner says that an input's file may go back as the output of its call.
func callOwner(id uint32) string { return "call " + strconv.FormatUint(uint64(id), 10) }

// functionOwner says that an output's file may go back as an input of the same function.
func functionOwner(name string) string { return "function " + name }
