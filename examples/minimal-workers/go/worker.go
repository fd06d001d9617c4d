// A Millrace worker of the core level in Go, with the standard library only: go run worker.go
package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	hello, welcome, goodbye, invoke, result, failed = 0x01, 0x02, 0x03, 0x10, 0x11, 0x12
	cancel, ping, pong, drain                       = 0x13, 0x20, 0x21, 0x28
)

// failure is why a call ends without an output; the zero one is none.
type failure struct {
	reason, status uint64
	message        string
}

type handler func(input []byte) ([]byte, failure)

var functions = map[string]handler{
	"echo": func(input []byte) ([]byte, failure) { return input, failure{} },
	"fail": func(input []byte) ([]byte, failure) { return nil, failure{1, 2, string(input)} },
}

var (
	little   = binary.LittleEndian
	prefix   = "MILLRACE\x01\x00\x01\x00\x00\x00\x00\x00" // magic, versions 1 to 1, zero
	handlers = map[uint64]handler{}                       // by the engine's ids
	in, out  *os.File
	span     []byte // the parts of WELCOME so far
	welcomed bool
	lastID   uint32
)

func leave(code int, why string) { os.Stderr.WriteString(why); os.Exit(code) }

func mustWork(_ any, err error) {
	if err != nil {
		leave(69, "worker.go: "+err.Error()+"\n")
	}
}

// send writes one message: 64 bytes of header, 960 of body.
func send(kind byte, callID uint32, body []byte, at12, at16, at20 uint32, content byte) {
	message := make([]byte, 1024)
	for i, word := range []uint32{uint32(kind) | uint32(len(body))<<16, callID, 0, at12, at16, at20} {
		little.PutUint32(message[4*i:], word)
	}
	message[59] = content
	copy(message[64:], body)
	mustWork(out.Write(message))
}

// Protobuf, as much as the cold messages need.
func varint(n uint64) string             { return string(binary.AppendUvarint(nil, n)) }
func number(field, value uint64) string  { return varint(field<<3) + varint(value) }
func text(field uint64, v string) string { return varint(field<<3|2) + varint(uint64(len(v))) + v }

// fields calls found with the number of each field, its value, and its bytes.
func fields(body []byte, found func(field, value uint64, bytes []byte)) {
	for len(body) > 0 {
		key, keySize := binary.Uvarint(body)
		value, size := binary.Uvarint(body[max(0, keySize):])
		if fixed := map[uint64]uint64{1: 8, 5: 4}[key&7]; fixed > 0 {
			value, size = fixed, 0
		}
		check(broken{"handshake-body", keySize <= 0 || size < 0})
		body = body[keySize+size:]
		length := min(value, value*(key&7))
		check(broken{"handshake-body", length > uint64(len(body))})
		found(key>>3, value, body[:length])
		body = body[length:]
	}
}

// broken is a rule and whether the engine broke it; check ends the channel at the first that is.
type broken struct {
	rule string
	is   bool
}

func check(rules ...broken) {
	for _, one := range rules {
		if one.is {
			send(goodbye, 0, []byte(prefix+number(1, 12)+text(3, one.rule)), 0, 0, 13, 0)
			leave(76, "worker.go: the engine broke the rule "+one.rule+"\n")
		}
	}
}

func isAfter(id, last uint32) bool { return id != last && id-last < 1<<31 }

// What the engine may send: its flags, and from where to where the header is used behind byte 8.
var known = map[byte][3]int{welcome: {1, 8, 8}, goodbye: {0, 20, 24}, invoke: {7, 8, 60}, cancel: {0, 8, 8},
	ping: {0, 16, 20}, drain: {0, 16, 20}}

func judge(m []byte, kind byte, id uint32, length uint16) {
	use, isKnown := known[kind]
	check(broken{"message-type-known", !isKnown}, broken{"message-body-length", length > 960},
		broken{"message-flags-known", m[1]&^byte(use[0]) != 0},
		broken{"message-reserved-zero", strings.Trim(string(m[8:max(8, use[1])])+string(m[max(8, use[2]):64]), "\x00") != ""},
		broken{"cold-span-consecutive", len(span) > 0 && kind != welcome},
		broken{"handshake-engine-waits", !welcomed && kind != welcome && kind != goodbye},
		broken{"handshake-hello-once", welcomed && kind == welcome},
		broken{"message-call-id", kind == cancel && id == 0 || kind != cancel && kind != invoke && id != 0},
		broken{"message-status-range", kind == goodbye && little.Uint32(m[20:]) > 16},
		broken{"message-body-none", length > 0 && (kind == cancel || kind == ping || kind == drain)},
		broken{"call-caller-cancels", kind == cancel && id&1 == 1}, broken{"call-id-known", kind == cancel && isAfter(id, lastID)})
	if kind == invoke {
		check(broken{"invoke-call-id-parity", id == 0 || id&1 == 1}, broken{"invoke-function-id", little.Uint32(m[8:]) == 0},
			broken{"feature-accepted", m[1] != 0}, broken{"invoke-payload-length", little.Uint32(m[12:]) != uint32(length)},
			broken{"invoke-priority-range", m[57] > 7}, broken{"invoke-attempt-positive", little.Uint32(m[28:]) == 0},
			broken{"call-parent-zero", little.Uint32(m[20:]) != 0}, broken{"call-id-rising", !isAfter(id, lastID)})
	}
}

func takeWelcome(more byte, body []byte) {
	span = append(span, body...)
	check(broken{"cold-span-bytes", len(span) > 65_536})
	if more != 0 {
		return
	}
	check(broken{"handshake-prefix", len(span) < 16}, broken{"handshake-version", !bytes.HasPrefix(span, []byte(prefix))})
	fields(span[16:], func(field, _ uint64, part []byte) {
		var name string
		if field == 1 {
			fields(part, func(field, id uint64, bytes []byte) {
				name += string(bytes)
				check(broken{"welcome-functions", functions[name] == nil})
				handlers[id] = functions[name]
			})
		}
	})
	welcomed, span = true, nil
}

func takeInvoke(callID, functionID uint32, input []byte, content byte) {
	lastID = callID
	began, run := time.Now(), handlers[uint64(functionID)]
	if run == nil {
		run = func([]byte) ([]byte, failure) { return nil, failure{3, 5, "no function has this id here"} }
	}
	output, why := run(input)
	if len(output) > 960 {
		why = failure{6, 8, "the output is over 960 bytes"}
	}
	runUs := uint32(time.Since(began).Microseconds())
	if why.reason == 0 {
		send(result, callID, output, uint32(len(output)), runUs, 0, content)
		return
	}
	said := number(1, why.reason) + text(3, strings.ToValidUTF8(why.message[:min(200, len(why.message))], ""))
	send(failed, callID, []byte(said), 0, runUs, uint32(why.status), 0)
}

func main() {
	var launch [3]string
	for i, name := range []string{"MILLRACE_CHANNEL_IN", "MILLRACE_CHANNEL_OUT", "MILLRACE_TOKEN"} {
		if launch[i] = os.Getenv(name); launch[i] == "" {
			leave(78, "worker.go: no "+name+": an engine has to start this program\n")
		}
		os.Unsetenv(name)
	}
	var err error // Go opens close-on-exec, and waits for non-blocking pipes by itself.
	in, err = os.OpenFile(launch[0], os.O_RDONLY|syscall.O_NONBLOCK, 0)
	mustWork(in, err)
	out, err = os.OpenFile(launch[1], os.O_WRONLY|syscall.O_NONBLOCK, 0)
	mustWork(out, err)
	said := prefix + text(1, launch[2]) + number(4, 1) + text(5, text(1, "minimal-worker")+text(3, "go"))
	for name := range functions {
		said += text(2, text(1, name))
	}
	send(hello, 0, []byte(said), 0, 0, 0, 0)
	for m := make([]byte, 1024); m[0] != drain; {
		n, err := io.ReadFull(in, m)
		if n == 0 && err == io.EOF && welcomed {
			leave(0, "")
		}
		mustWork(n, err)
		if m[0] >= 0x80 && len(span) == 0 {
			continue
		}
		length, id := little.Uint16(m[2:]), little.Uint32(m[4:])
		judge(m, m[0], id, length)
		body := m[64 : 64+length]
		switch m[0] {
		case welcome:
			takeWelcome(m[1], body)
		case invoke:
			takeInvoke(id, little.Uint32(m[8:]), body, m[59])
		case ping:
			send(pong, 0, nil, 0, little.Uint32(m[16:]), 0, 0)
		case goodbye:
			leave(int(min(1, little.Uint32(m[20:])))*76, "") // a status is that of a reason
		}
	}
	send(goodbye, 0, []byte(prefix), 0, 0, 0, 0)
}
