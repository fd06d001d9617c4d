package millrace

import "encoding/binary"

// The bodies of cold messages: proto/millrace/v1, by hand. The hot path never comes here.

type goodbyeBody struct {
	reason        Reason
	message, rule string
}

type failureBody struct {
	reason                                    Reason
	code, message, errorType, stack, function string
	retry                                     Retry
}

type logBody struct {
	level          uint32
	message        string
	attributesJSON string
}

func (g *goodbyeBody) encode() []byte {
	to := appendNumber(nil, 1, uint32(g.reason))
	to = appendText(to, 2, g.message)
	return appendText(to, 3, g.rule)
}

func (g *goodbyeBody) decode(from []byte) error {
	return eachField(from, func(f protoField) error {
		switch f.number {
		case 1:
			return f.asNumber((*uint32)(&g.reason))
		case 2:
			return f.asText(&g.message)
		case 3:
			return f.asText(&g.rule)
		}
		return nil
	})
}

func (b *failureBody) encode() []byte {
	to := appendNumber(nil, 1, uint32(b.reason))
	to = appendText(to, 2, cut(b.code, failureCodeBytesMax))
	to = appendText(to, 3, cut(b.message, failureMessageBytesMax))
	to = appendText(to, 4, cut(b.errorType, failureTypeBytesMax))
	to = appendText(to, 5, cut(b.stack, failureStackBytesMax))
	to = appendNumber(to, 6, uint32(b.retry))
	return appendText(to, 7, cut(b.function, nameBytesMax))
}

func (b *failureBody) decode(from []byte) error { return eachField(from, b.take) }

func (b *failureBody) take(f protoField) error {
	switch f.number {
	case 1:
		return f.asNumber((*uint32)(&b.reason))
	case 2:
		return f.asText(&b.code)
	case 3:
		return f.asText(&b.message)
	case 4:
		return f.asText(&b.errorType)
	case 5:
		return f.asText(&b.stack)
	case 6:
		var retry uint32
		err := f.asNumber(&retry)
		b.retry = RetryByReason // A value of a later version counts as not said.
		if retry <= uint32(RetryNo) {
			b.retry = Retry(retry)
		}
		return err
	case 7:
		return f.asText(&b.function)
	}
	return nil
}

func (l *logBody) encode() []byte {
	to := appendNumber(nil, 1, l.level)
	to = appendText(to, 2, l.message)
	return appendText(to, 3, l.attributesJSON)
}

func (l *logBody) decode(from []byte) error {
	return eachField(from, func(f protoField) error {
		switch f.number {
		case 1:
			return f.asNumber(&l.level)
		case 2:
			return f.asText(&l.message)
		case 3:
			return f.asText(&l.attributesJSON)
		}
		return nil
	})
}

// appendPrefix writes the version prefix: rules handshake-prefix and handshake-magic.
func appendPrefix(to []byte, lowest, highest uint16) []byte {
	to = append(to, magic...)
	to = binary.LittleEndian.AppendUint16(to, lowest)
	to = binary.LittleEndian.AppendUint16(to, highest)
	return append(to, 0, 0, 0, 0)
}

// readPrefix reads the version prefix of a body, or tells the rule that it breaks.
func readPrefix(body []byte, what string) (lowest, highest uint16, fault *verdict) {
	if len(body) < versionPrefixBytes {
		return 0, 0, broken("handshake-prefix", "%s does not begin with a whole version prefix", what)
	}
	if string(body[:len(magic)]) != magic {
		return 0, 0, broken("handshake-magic", "%s does not begin with %s", what, magic)
	}
	if binary.LittleEndian.Uint32(body[prefixOffsetPrefixReserved:]) != 0 {
		return 0, 0, broken("handshake-prefix", "the version prefix of %s has a reserved bit set", what)
	}
	lowest = binary.LittleEndian.Uint16(body[prefixOffsetVersionMin:])
	return lowest, binary.LittleEndian.Uint16(body[prefixOffsetVersionMax:]), nil
}
