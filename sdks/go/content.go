package millrace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Payload bytes to values and back, by content.

// decodeInput decodes the input of a function of values. The error completes a sentence that begins with its name.
func decodeInput(payload []byte, content Content, into any) error {
	if to, ok := into.(*[]byte); ok {
		*to = bytes.Clone(payload)
		return nil
	}
	switch content {
	case ContentProtobuf, ContentCBOR, ContentEventStream:
		return fmt.Errorf("is %s; it takes JSON or text", mediaTypes[content])
	}
	return decodeValue(payload, content, into)
}

// decodeOutput decodes the output of a call. What is neither JSON nor text is bytes, and fits []byte and any.
func decodeOutput(payload []byte, content Content, into any) error {
	switch to := into.(type) {
	case *[]byte:
		*to = bytes.Clone(payload)
		return nil
	case *any:
		if content != ContentJSON && content != ContentText && content != ContentNdjson {
			*to = bytes.Clone(payload)
			return nil
		}
	}
	return decodeValue(payload, content, into)
}

// decodeValue decodes a text payload: a string for text, an array for NDJSON, otherwise JSON. An empty payload changes
// nothing. Bytes without a known content are tried as JSON.
func decodeValue(payload []byte, content Content, into any) error {
	if content == ContentText {
		switch to := into.(type) {
		case *string:
			*to = string(payload)
			return nil
		case *any:
			*to = string(payload)
			return nil
		}
	}
	if len(payload) == 0 {
		return nil
	}
	if content == ContentNdjson {
		payload = arrayOfLines(payload)
	}
	err := json.Unmarshal(payload, into)
	if err == nil {
		return nil
	}
	return jsonFault(payload, err)
}

// arrayOfLines makes one JSON array of NDJSON's lines.
func arrayOfLines(payload []byte) []byte {
	array := make([]byte, 0, len(payload)+2)
	array = append(array, '[')
	for line := range bytes.Lines(payload) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(array) > 1 {
			array = append(array, ',')
		}
		array = append(array, line...)
	}
	return append(array, ']')
}

// jsonFault says where a text stops being the JSON that was wanted.
func jsonFault(payload []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		at := len(payload)
		if syntax != nil {
			at = min(at, int(syntax.Offset))
		}
		before := payload[:at]
		line := bytes.Count(before, []byte{'\n'}) + 1
		column := at - bytes.LastIndexByte(before, '\n') - 1
		return fmt.Errorf("is not JSON: %w at line %d, column %d (position %d)", err, line, column, at)
	}
	return fmt.Errorf("does not fit: %s", strings.TrimPrefix(err.Error(), "json: "))
}
