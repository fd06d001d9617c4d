package millrace

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// vector is what these tests read of a golden vector.
type vector struct {
	ID     string         `json:"id"`
	Sender string         `json:"sender"`
	Type   any            `json:"type"`
	Fields map[string]any `json:"fields"`
	Hex    string         `json:"hex"`
	Result string         `json:"result"`
}

// message gives all bytes of the vector.
func (v vector) message(t *testing.T) message {
	t.Helper()
	cut, err := hex.DecodeString(v.Hex)
	if err != nil {
		t.Fatalf("%s: %v", v.ID, err)
	}
	return append(cut, make([]byte, messageBytes-len(cut))...)
}

// accepted reads every accepted vector of spec/vectors.
func accepted(t *testing.T) []vector {
	t.Helper()
	files, err := filepath.Glob("../../spec/vectors/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	var found []vector
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var content struct {
			Vectors []vector `json:"vectors"`
		}
		if err := json.Unmarshal(text, &content); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, one := range content.Vectors {
			if one.Result == "accept" {
				found = append(found, one)
			}
		}
	}
	return found
}

func hex16(bytes [16]byte) string { return hex.EncodeToString(bytes[:]) }
func hex8(bytes [8]byte) string   { return hex.EncodeToString(bytes[:]) }

// readers has every accessor by its field, with values as JSON gives them.
var readers = map[string]func(message) any{
	"type":           func(m message) any { return float64(m.messageType()) },
	"flags":          func(m message) any { return float64(m.flags()) },
	"body_length":    func(m message) any { return float64(m.bodyLength()) },
	"call_id":        func(m message) any { return float64(m.callID()) },
	"function_id":    func(m message) any { return float64(m.functionID()) },
	"payload_length": func(m message) any { return float64(m.payloadLength()) },
	"timeout_us":     func(m message) any { return float64(m.timeoutUs()) },
	"run_us":         func(m message) any { return float64(m.runUs()) },
	"credit":         func(m message) any { return float64(m.credit()) },
	"capacity":       func(m message) any { return float64(m.capacity()) },
	"nonce":          func(m message) any { return float64(m.nonce()) },
	"pid":            func(m message) any { return float64(m.pid()) },
	"parent_call_id": func(m message) any { return float64(m.parentCallID()) },
	"status":         func(m message) any { return float64(m.status()) },
	"open_calls":     func(m message) any { return float64(m.openCalls()) },
	"exit_code":      func(m message) any { return float64(m.exitCode()) },
	"queue_us":       func(m message) any { return float64(m.queueUs()) },
	"attempt":        func(m message) any { return float64(m.attempt()) },
	"cpu_us":         func(m message) any { return float64(m.cpuUs()) },
	"trace_id":       func(m message) any { return hex16(m.traceID()) },
	"span_id":        func(m message) any { return hex8(m.spanID()) },
	"trace_flags":    func(m message) any { return float64(m.traceFlags()) },
	"priority":       func(m message) any { return float64(m.priority()) },
	"depth":          func(m message) any { return float64(m.depth()) },
	"content":        func(m message) any { return float64(m.content()) },
}

func TestEachFieldOfEachAcceptedVectorHasTheListedValue(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range accepted(t) {
		m := v.message(t)
		for field, want := range v.Fields {
			read, ok := readers[field]
			if !ok {
				t.Errorf("%s: no accessor for %s", v.ID, field)
				continue
			}
			seen[field] = true
			if got := read(m); got != want {
				t.Errorf("%s: %s is %v, want %v", v.ID, field, got, want)
			}
		}
	}
	if len(seen) != len(readers) {
		t.Errorf("vectors show %d fields of %d", len(seen), len(readers))
	}
}

func TestEachWrittenFieldReadsBackAndTouchesNoOther(t *testing.T) {
	m := message(make([]byte, messageBytes))
	m.setBodyLength(0xbeef)
	m.setCallID(0xdeadbeef)
	m.setTraceID([16]byte{1, 15: 16})
	m.setSpanID([8]byte{1, 7: 8})
	m.setContent(0xff)
	if m.bodyLength() != 0xbeef || m.callID() != 0xdeadbeef || m.content() != 0xff {
		t.Errorf("numbers read back as %x, %x, %x", m.bodyLength(), m.callID(), m.content())
	}
	if m.traceID() != [16]byte{1, 15: 16} || m.spanID() != [8]byte{1, 7: 8} {
		t.Errorf("ids read back as %x, %x", m.traceID(), m.spanID())
	}
	for at, value := range m {
		inField := at >= 2 && at < 8 || at == 32 || at == 47 || at == 48 || at == 55 || at == 59
		if !inField && value != 0 {
			t.Errorf("byte %d is %d", at, value)
		}
	}
}

func TestTypeTablesHoldEveryAcceptedVector(t *testing.T) {
	shown := map[uint8]bool{}
	for _, v := range accepted(t) {
		m := v.message(t)
		info, ok := types[m.messageType()]
		if !ok || info.name != v.Type {
			t.Errorf("%s: type %d is %q, want %v", v.ID, m.messageType(), info.name, v.Type)
			continue
		}
		shown[m.messageType()] = true
		if m.flags()&^info.flags != 0 {
			t.Errorf("%s: flags %x are beyond %x", v.ID, m.flags(), info.flags)
		}
		if info.direction != "both" && info.direction != v.Sender {
			t.Errorf("%s: %s may not send it", v.ID, v.Sender)
		}
		for _, word := range info.reserved {
			if binary.LittleEndian.Uint32(m[word.offset:])&word.mask != 0 {
				t.Errorf("%s: reserved word at %d is not zero", v.ID, word.offset)
			}
		}
	}
	if len(shown) != len(types) {
		t.Errorf("vectors show %d types of %d", len(shown), len(types))
	}
}

func TestEveryReasonHasAStatusAndEveryContentAMediaType(t *testing.T) {
	for reason, info := range reasons {
		if info.name == "" || info.status < StatusCancelled || info.status > StatusUnauthenticated {
			t.Errorf("reason %d is %+v", reason, info)
		}
	}
	if mediaTypes[ContentJSON] != "application/json" || len(features) == 0 {
		t.Errorf("media types %v, features %v", mediaTypes, features)
	}
}
