package millrace

import (
	"encoding/binary"
	"fmt"
)

// side is one end of a channel.
type side uint8

const (
	sideEngine side = iota
	sideWorker
)

func (s side) String() string {
	if s == sideWorker {
		return "worker"
	}
	return "engine"
}

// parity is the lowest bit of the ids of the calls that a side starts.
func (s side) parity() uint32 { return uint32(s) }

// verdict says why a message breaks the protocol; nil: it does not.
type verdict struct {
	// rule is the id of the rule that it breaks.
	rule string
	// text is for people: what is wrong, with the value found.
	text string
}

func broken(rule, format string, args ...any) *verdict {
	return &verdict{rule, fmt.Sprintf(format, args...)}
}

// typeTable has the layout of each type by its number: an array, because every message asks it.
var typeTable = func() (table [256]*typeInfo) {
	for number, info := range types {
		table[number] = &info
	}
	return table
}()

func typeName(number uint8) string {
	if info := typeTable[number]; info != nil {
		return info.name
	}
	return fmt.Sprintf("type 0x%02x", number)
}

// judge judges one message by what it says alone, without the channel's state: type, direction, flags, lengths,
// reserved bytes, ranges, the form of names, and what sender and parity of the call id tell.
//
// known is false for a message of an ignorable type that this version does not know: it is to be dropped (rule
// message-type-ignorable). Allocates only for a broken rule.
func judge(m message, sender side) (known bool, fault *verdict) {
	number := m.messageType()
	info := typeTable[number]
	if info == nil {
		if number >= 0x80 {
			return false, nil
		}
		return false, broken("message-type-known", "type 0x%02x is not a type of this version", number)
	}
	length := m.bodyLength()
	if length > bodyBytes {
		return true, broken("message-body-length", "body_length is %d, above %d", length, bodyBytes)
	}
	flags := m.flags()
	if flags&^info.flags != 0 {
		return true, broken("message-flags-known", "flags 0x%x has a bit that %s does not allow", flags, info.name)
	}
	for _, word := range info.reserved {
		if binary.LittleEndian.Uint32(m[word.offset:])&word.mask != 0 {
			return true, broken("message-reserved-zero", "%s has a reserved bit set in bytes %d to %d", info.name, word.offset, word.offset+3)
		}
	}
	switch number {
	case typeInvoke:
		return true, judgeInvoke(m, sender)
	case typeResult, typeError, typeCancel, typeData, typeWindow:
		return true, judgeOpenCall(m, sender)
	default:
		return true, judgeCold(m, info, sender)
	}
}

func judgeInvoke(m message, sender side) *verdict {
	id, length, flags := m.callID(), m.bodyLength(), m.flags()
	if id == 0 || id&1 != sender.parity() {
		return broken("invoke-call-id-parity", "call_id %d is not of the %v's parity", id, sender)
	}
	if m.functionID() == 0 {
		return broken("invoke-function-id", "function_id is 0")
	}
	if flags&flagPayloadFile != 0 {
		if fault := judgeFile(m); fault != nil {
			return fault
		}
	} else if announced := m.payloadLength(); flags&flagMore == 0 {
		if announced != uint32(length) {
			return broken("invoke-payload-length", "payload_length %d is not body_length %d, and nothing follows", announced, length)
		}
	} else if announced < uint32(length) {
		return broken("invoke-payload-length", "payload_length %d is below body_length %d", announced, length)
	}
	if m.priority() > 7 {
		return broken("invoke-priority-range", "priority is %d, above 7", m.priority())
	}
	if m.attempt() == 0 {
		return broken("invoke-attempt-positive", "attempt is 0")
	}
	if parent := m.parentCallID(); parent != 0 {
		if sender == sideEngine {
			return broken("call-parent-zero", "the engine's INVOKE has parent_call_id %d", parent)
		}
		if parent&1 != 0 {
			return broken("call-parent-open", "parent_call_id %d is no call of the engine", parent)
		}
	}
	return nil
}

// judgeOpenCall judges RESULT, ERROR, CANCEL, DATA and WINDOW. Sender and parity of the id tell caller from callee.
func judgeOpenCall(m message, sender side) *verdict {
	number, id, length := m.messageType(), m.callID(), m.bodyLength()
	if id == 0 {
		return broken("message-call-id", "%s has call_id 0", typeName(number))
	}
	ofCaller := id&1 == sender.parity()
	switch number {
	case typeResult:
		if m.status() != 0 {
			return broken("result-status-zero", "RESULT has status %d", m.status())
		}
		if ofCaller {
			return broken("call-callee-answers", "RESULT comes from the %v, which started call %d", sender, id)
		}
		if m.flags()&flagPayloadFile != 0 {
			return judgeFile(m)
		}
		if announced := m.payloadLength(); announced < uint32(length) {
			rule := "result-total"
			if m.more() {
				rule = "payload-length-exact"
			}
			return broken(rule, "payload_length %d is below body_length %d", announced, length)
		}
	case typeError:
		if status := m.status(); status == 0 || status > 16 {
			return broken("error-status-range", "ERROR has status %d", status)
		}
		if ofCaller {
			return broken("call-callee-answers", "ERROR comes from the %v, which started call %d", sender, id)
		}
	case typeCancel:
		if length != 0 {
			return broken("message-body-none", "CANCEL has a body")
		}
		if !ofCaller {
			return broken("call-caller-cancels", "CANCEL comes from the %v, which did not start call %d", sender, id)
		}
	case typeData:
		if m.more() {
			if length == 0 {
				return broken("data-not-empty", "DATA with MORE has no bytes")
			}
		} else if !ofCaller {
			return broken("data-output-more", "DATA of an output has no MORE")
		}
	case typeWindow:
		if length != 0 {
			return broken("message-body-none", "WINDOW has a body")
		}
		if m.credit() == 0 {
			return broken("window-credit-positive", "WINDOW grants 0")
		}
		if m.credit() > creditMax {
			return broken("credit-max", "WINDOW grants %d, above %d", m.credit(), creditMax)
		}
	}
	return nil
}

// judgeFile judges an INVOKE or RESULT with PAYLOAD_FILE: its body is the file's name.
func judgeFile(m message) *verdict {
	if m.more() {
		return broken("file-alone", "MORE and PAYLOAD_FILE are both set")
	}
	if !isFunctionName(m.body()) {
		return broken("file-name-plain", "the body, of %d bytes, names no payload file", m.bodyLength())
	}
	return nil
}

func judgeCold(m message, info *typeInfo, sender side) *verdict {
	length := m.bodyLength()
	if info.direction != "both" && info.direction != sender.String() {
		return broken("message-direction", "the %v may not send %s", sender, info.name)
	}
	if info.call == "none" && m.callID() != 0 {
		return broken("message-call-id", "%s is not about a call, but call_id is %d", info.name, m.callID())
	}
	if info.body == "none" && length != 0 {
		return broken("message-body-none", "%s has a body", info.name)
	}
	if info.body == "name" && !isFunctionName(m.body()) {
		return broken("name-form", "%s carries %d bytes that are no function name", info.name, length)
	}
	for _, field := range info.uses {
		if field == "status" && m.status() > 16 {
			return broken("message-status-range", "status is %d", m.status())
		}
	}
	switch m.messageType() {
	case typeResolved:
		if (m.status() == 0) != (m.functionID() != 0) {
			rule := "resolved-not-found"
			if m.status() == 0 {
				rule = "resolved-id"
			}
			return broken(rule, "RESOLVED has status %d and function_id %d", m.status(), m.functionID())
		}
	case typeLog:
		if m.callID()&1 != 0 {
			return broken("log-call-id", "LOG has call_id %d, which is no call of the engine", m.callID())
		}
	case typeGoodbye:
		// A prefix may be cut off only by a sender that does not know this layout.
		if length < versionPrefixBytes {
			return broken("handshake-prefix", "GOODBYE has %d body bytes, less than the version prefix", length)
		}
	}
	return nil
}
