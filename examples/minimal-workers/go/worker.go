// A Millrace worker of the core level in Go, with the standard library only: go run worker.go
package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"syscall"
	"time"
)

const hello, welcome, goodbye, invoke, result, failed, cancel, ping, pong, drain = 1, 2, 3, 16, 17, 18, 19, 32, 33, 40

// handler runs a call; a reason other than 0 says that it failed.
type handler func(input []byte) (output []byte, reason uint64, message string)

var functions = map[string]handler{
	"echo": func(input []byte) ([]byte, uint64, string) { return input, 0, "" },
	"fail": func(input []byte) ([]byte, uint64, string) { return nil, 1, string(input) },
}

// prefix: magic, versions 1 to 1, zero. handlers: by the engine's ids. span: the parts of WELCOME so far.
var little, prefix, welcomed, lastID = binary.LittleEndian, "MILLRACE\x01\x00\x01\x00\x00\x00\x00\x00", false, uint32(0)
var handlers, span = map[uint64]handler{}, []byte(nil)
var in, out *os.File

func leave(code int, why string) { os.Stderr.WriteString(why); os.Exit(code) }

// must gives the value on, unless IN has ended or a pipe is broken.
func must[T any](value T, err error) T {
	if err == io.EOF && welcomed {
		leave(0, "")
	} else if err != nil {
		leave(69, "worker.go: the engine is gone: "+err.Error()+"\n")
	}
	return value
}

// send writes one message: 64 bytes of header, 960 of body.
func send(kind byte, callID uint32, body string, at12, at16, at20 uint32, content byte) {
	message := make([]byte, 1024)
	for i, word := range []uint32{uint32(kind) | uint32(len(body))<<16, callID, 0, at12, at16, at20} {
		little.PutUint32(message[4*i:], word)
	}
	message[59] = content
	copy(message[64:], body)
	must(out.Write(message))
}

// Protobuf, as much as the cold messages need.
func varint(n uint64) string             { return string(binary.AppendUvarint(nil, n)) }
func number(field, value uint64) string  { return varint(field<<3) + varint(value) }
func text(field uint64, v string) string { return varint(field<<3|2) + varint(uint64(len(v))) + v }

// fields calls found with the value and the bytes of each field of this number.
func fields(body []byte, wanted uint64, found func(value uint64, bytes []byte)) {
	for len(body) > 0 {
		key, keySize := binary.Uvarint(body)
		value, size := binary.Uvarint(body[max(0, keySize):])
		if fixed := map[uint64]uint64{1: 8, 5: 4}[key&7]; fixed > 0 {
			value, size = fixed, 0
		}
		check("handshake-body", keySize <= 0 || size < 0 || keySize+size > len(body))
		body = body[keySize+size:]
		length := value * min(1, key&7)
		check("handshake-body", length > uint64(len(body)))
		if key>>3 == wanted {
			found(value, body[:length])
		}
		body = body[length:]
	}
}

// check takes rules and whether the engine broke them; it ends the channel at the first that is broken.
func check(rules ...any) {
	for i := 0; i < len(rules); i += 2 {
		if rule := rules[i].(string); rules[i+1].(bool) {
			send(goodbye, 0, prefix+number(1, 12)+text(3, rule), 0, 0, 13, 0)
			leave(76, "worker.go: the engine broke the rule "+rule+"\n")
		}
	}
}

func isAfter(id, last uint32) bool { return id != last && id-last < 1<<31 }

// What the engine may send: its flags, and from where to where the header is used behind byte 8.
var has = map[byte][3]int{2: {1, 8, 8}, 3: {0, 20, 24}, 16: {7, 8, 60}, 19: {0, 8, 8}, 32: {0, 16, 20}, 40: {0, 16, 20}}

func judge(m []byte, kind byte, id uint32, length uint16) {
	use, ok := has[kind]
	check("message-type-known", !ok, "message-body-length", length > 960, "message-flags-known", m[1]&^byte(use[0]) != 0)
	check("message-reserved-zero", len(bytes.Trim(m[8:use[1]], "\x00"))+len(bytes.Trim(m[use[2]:64], "\x00")) > 0,
		"cold-span-consecutive", len(span) > 0 && kind != welcome,
		"handshake-engine-waits", !welcomed && kind != welcome && kind != goodbye,
		"handshake-hello-once", welcomed && kind == welcome,
		"message-call-id", kind == cancel && id == 0 || kind != cancel && kind != invoke && id != 0,
		"message-status-range", kind == goodbye && little.Uint32(m[20:]) > 16,
		"message-body-none", length > 0 && (kind == cancel || kind == ping || kind == drain),
		"call-caller-cancels", kind == cancel && id&1 == 1, "call-id-known", kind == cancel && isAfter(id, lastID))
	if kind == invoke {
		check("invoke-call-id-parity", id == 0 || id&1 == 1, "invoke-function-id", little.Uint32(m[8:]) == 0,
			"feature-accepted", m[1] != 0, "invoke-payload-length", little.Uint32(m[12:]) != uint32(length),
			"invoke-priority-range", m[57] > 7, "invoke-attempt-positive", little.Uint32(m[28:]) == 0,
			"call-parent-zero", little.Uint32(m[20:]) != 0, "call-id-rising", !isAfter(id, lastID))
	}
}

func takeWelcome(more byte, body []byte) {
	check("cold-span-bytes", len(span)+len(body) > 65_536)
	if span = append(span, body...); more != 0 {
		return
	}
	check("handshake-prefix", len(span) < 16, "handshake-version", !bytes.HasPrefix(span, []byte(prefix)))
	fields(span[16:], 1, func(_ uint64, part []byte) {
		fields(part, 1, func(_ uint64, name []byte) {
			check("welcome-functions", functions[string(name)] == nil)
			fields(part, 2, func(id uint64, _ []byte) { handlers[id] = functions[string(name)] })
		})
	})
	welcomed, span = true, nil
}

func takeInvoke(callID, functionID uint32, input []byte, content byte) {
	began, output, reason, message := time.Now(), []byte(nil), uint64(3), "no function has this id here"
	if run := handlers[uint64(functionID)]; run != nil {
		output, reason, message = run(input)
	}
	if len(output) > 960 {
		reason, message = 6, "the output is over 960 bytes"
	}
	lastID = callID
	runUs := uint32(time.Since(began).Microseconds())
	if reason == 0 {
		send(result, callID, string(output), uint32(len(output)), runUs, 0, content)
	} else {
		said := string(bytes.ToValidUTF8([]byte(message[:min(200, len(message))]), nil))
		send(failed, callID, number(1, reason)+text(3, said), 0, runUs, map[uint64]uint32{1: 2, 3: 5, 6: 8}[reason], 0)
	}
}

func main() {
	launch := [...]string{"MILLRACE_CHANNEL_IN", "MILLRACE_CHANNEL_OUT", "MILLRACE_TOKEN"}
	for i, name := range launch {
		if launch[i] = os.Getenv(name); launch[i] == "" {
			leave(78, "worker.go: no "+name+": an engine has to start this program\n")
		}
		os.Unsetenv(name)
	}
	// Go opens close-on-exec, and waits for non-blocking pipes by itself.
	in = must(os.OpenFile(launch[0], os.O_RDONLY|syscall.O_NONBLOCK, 0))
	out = must(os.OpenFile(launch[1], os.O_WRONLY|syscall.O_NONBLOCK, 0))
	said := prefix + text(1, launch[2]) + number(4, 1) + text(5, text(1, "minimal-worker")+text(3, "go"))
	for name := range functions {
		said += text(2, text(1, name))
	}
	send(hello, 0, said, 0, 0, 0, 0)
	for m := make([]byte, 1024); m[0] != drain; {
		must(io.ReadFull(in, m))
		length, id := little.Uint16(m[2:]), little.Uint32(m[4:])
		if m[0] >= 0x80 && len(span) == 0 {
			continue
		}
		judge(m, m[0], id, length)
		switch body := m[64 : 64+length]; m[0] {
		case welcome:
			takeWelcome(m[1], body)
		case invoke:
			takeInvoke(id, little.Uint32(m[8:]), body, m[59])
		case ping:
			send(pong, 0, "", 0, little.Uint32(m[16:]), 0, 0)
		case goodbye:
			leave(int(min(1, little.Uint32(m[20:])))*76, "") // A status is that of a reason.
		}
	}
	send(goodbye, 0, prefix, 0, 0, 0, 0)
}
