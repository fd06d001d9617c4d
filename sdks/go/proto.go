package millrace

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// The little of protobuf that the cold messages need, written out so that the package has no dependency. Reading is
// strict about what cannot be parsed and skips what it does not know: rules cold-body and cold-unknown-fields.

const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wireBegin  = 3
	wireEnd    = 4
	wire32     = 5
)

// groupsMax bounds how deep groups, which nobody sends, may lie in one another. Unit: groups.
const groupsMax = 32

var errProto = errors.New("malformed protobuf")

// protoField is one field as it was read.
type protoField struct {
	number uint64
	wire   uint8
	// value is the number of a varint; bytes is what a length-delimited field holds, a window onto the input.
	value uint64
	bytes []byte
}

// nextField reads one field and returns what follows it.
func nextField(from []byte) (field protoField, rest []byte, err error) {
	tag, rest, err := varint(from)
	if err != nil {
		return field, nil, err
	}
	field.number, field.wire = tag>>3, uint8(tag&7)
	if field.number == 0 || field.number >= 1<<29 {
		return field, nil, errProto
	}
	rest, err = fieldValue(&field, rest, 0)
	return field, rest, err
}

func fieldValue(field *protoField, from []byte, groups int) (rest []byte, err error) {
	switch field.wire {
	case wireVarint:
		field.value, rest, err = varint(from)
		return rest, err
	case wireBytes:
		length, rest, err := varint(from)
		if err != nil || length > uint64(len(rest)) {
			return nil, errProto
		}
		field.bytes = rest[:length]
		return rest[length:], nil
	case wire64, wire32:
		width := 8
		if field.wire == wire32 {
			width = 4
		}
		if len(from) < width {
			return nil, errProto
		}
		return from[width:], nil
	case wireBegin:
		return skipGroup(field.number, from, groups+1)
	default:
		return nil, errProto
	}
}

func skipGroup(number uint64, from []byte, groups int) ([]byte, error) {
	if groups > groupsMax {
		return nil, errProto
	}
	for {
		tag, rest, err := varint(from)
		if err != nil || tag>>3 == 0 {
			return nil, errProto
		}
		inner := protoField{number: tag >> 3, wire: uint8(tag & 7)}
		if inner.wire == wireEnd {
			if inner.number != number {
				return nil, errProto
			}
			return rest, nil
		}
		if from, err = fieldValue(&inner, rest, groups); err != nil {
			return nil, err
		}
	}
}

func varint(from []byte) (value uint64, rest []byte, err error) {
	value, n := binary.Uvarint(from)
	if n <= 0 {
		return 0, nil, errProto
	}
	return value, from[n:], nil
}

// eachField calls take for every field of a message.
func eachField(from []byte, take func(protoField) error) error {
	for len(from) > 0 {
		field, rest, err := nextField(from)
		if err != nil {
			return err
		}
		if err := take(field); err != nil {
			return err
		}
		from = rest
	}
	return nil
}

// asText, asNumber and asMessage read a field into its place, and refuse one of another wire type.
func (f protoField) asText(to *string) error {
	if f.wire != wireBytes || !utf8.Valid(f.bytes) {
		return errProto
	}
	*to = string(f.bytes)
	return nil
}

func (f protoField) asNumber(to *uint32) error {
	if f.wire != wireVarint {
		return errProto
	}
	*to = uint32(f.value) // A wider number is cut, as protobuf says.
	return nil
}

func (f protoField) asMessage(take func(protoField) error) error {
	if f.wire != wireBytes {
		return errProto
	}
	return eachField(f.bytes, take)
}

// appendText, appendNumber and appendMessage write a field, unless it has its default.
func appendText(to []byte, number uint64, text string) []byte {
	if text == "" {
		return to
	}
	to = binary.AppendUvarint(to, number<<3|wireBytes)
	to = binary.AppendUvarint(to, uint64(len(text)))
	return append(to, text...)
}

func appendNumber(to []byte, number uint64, value uint32) []byte {
	if value == 0 {
		return to
	}
	to = binary.AppendUvarint(to, number<<3|wireVarint)
	return binary.AppendUvarint(to, uint64(value))
}

func appendMessage(to []byte, number uint64, body []byte) []byte {
	to = binary.AppendUvarint(to, number<<3|wireBytes)
	to = binary.AppendUvarint(to, uint64(len(body)))
	return append(to, body...)
}

// cut is at most that many bytes of a text, never cutting a character, and with what is no UTF-8 replaced.
func cut(text string, bytesMax int) string {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	if len(text) <= bytesMax {
		return text
	}
	end := bytesMax
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
