package main

import (
	"encoding/binary"

	"github.com/millrace-run/millrace-go"
)

// operands reads an interp program. The first read beyond its end sets err; every later one gives zeros.
type operands struct {
	rest []byte
	err  error
}

func (o *operands) bytes(n int) []byte {
	if n < 0 || n > len(o.rest) {
		o.rest = nil
		o.err = millrace.Errorf(millrace.ReasonBadInput, "an instruction is cut off")
		return nil
	}
	part := o.rest[:n]
	o.rest = o.rest[n:]
	return part
}

func (o *operands) u8() int {
	if part := o.bytes(1); part != nil {
		return int(part[0])
	}
	return 0
}

func (o *operands) u16() int {
	if part := o.bytes(2); part != nil {
		return int(binary.LittleEndian.Uint16(part))
	}
	return 0
}

func (o *operands) u32() int {
	if part := o.bytes(4); part != nil {
		return int(binary.LittleEndian.Uint32(part))
	}
	return 0
}

// pattern is n bytes of the pattern that begins with a seed.
func pattern(n int, seed uint32) []byte {
	made := make([]byte, n)
	for at := range made {
		seed = seed*1664525 + 1013904223
		made[at] = byte(seed >> 24)
	}
	return made
}
