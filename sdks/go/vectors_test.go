package millrace

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The golden vectors, whole, byte by byte and in random cuts, through assembler, judge and the reading of bodies.

const specFolder = "../../spec"

type goldenMessage struct {
	Sender string         `json:"sender"`
	Fields map[string]any `json:"fields"`
	Hex    string         `json:"hex"`
	Proto  *struct {
		Message string          `json:"message"`
		Value   json.RawMessage `json:"value"`
	} `json:"proto"`
}

type goldenVector struct {
	goldenMessage
	ID     string `json:"id"`
	Stage  string `json:"stage"`
	Result string `json:"result"`
	Rule   string `json:"rule"`
}

type goldenStream struct {
	ID       string          `json:"id"`
	Messages []goldenMessage `json:"messages"`
	Missing  int             `json:"missing"`
	Rule     string          `json:"rule"`
	At       int             `json:"at"`
}

func (g goldenMessage) bytes(t testing.TB) []byte {
	t.Helper()
	head, err := hex.DecodeString(g.Hex)
	if err != nil {
		t.Fatal(err)
	}
	return append(head, make([]byte, messageBytes-len(head))...)
}

func (g goldenMessage) side() side {
	if g.Sender == "worker" {
		return sideWorker
	}
	return sideEngine
}

func goldens(t testing.TB) (vectors []goldenVector, streams []goldenStream) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(specFolder, "vectors", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var content struct {
			Vectors []goldenVector `json:"vectors"`
			Streams []goldenStream `json:"streams"`
		}
		if err := json.Unmarshal(text, &content); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		vectors = append(vectors, content.Vectors...)
		streams = append(streams, content.Streams...)
	}
	return vectors, streams
}

// ways to bring bytes to a receiver.
func ways() map[string]func([]byte) [][]byte {
	cut := func(sizes func() int) func([]byte) [][]byte {
		return func(all []byte) (pieces [][]byte) {
			for len(all) > 0 {
				n := min(len(all), sizes())
				pieces, all = append(pieces, all[:n]), all[n:]
			}
			return pieces
		}
	}
	found := map[string]func([]byte) [][]byte{
		"whole":                 cut(func() int { return 1 << 30 }),
		"byte by byte":          cut(func() int { return 1 }),
		"in halves of messages": cut(func() int { return messageBytes / 2 }),
	}
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 0))
		found[fmt.Sprintf("in cuts of seed %d", seed)] = cut(func() int { return 1 + random.IntN(3000) })
	}
	return found
}

func outcomeOf(m message, sender side, stage string) string {
	known, fault := judge(m, sender)
	if fault == nil && !known {
		return "ignore"
	}
	if fault == nil && stage == "body" {
		fault = judgeBody(m, sender, m.body())
	}
	if fault != nil {
		return fault.rule
	}
	return "accept"
}

func TestEachVectorGetsItsResultHoweverItsBytesAreCut(t *testing.T) {
	vectors, _ := goldens(t)
	var all []byte
	for _, vector := range vectors {
		all = append(all, vector.bytes(t)...)
	}
	for way, cut := range ways() {
		t.Run(way, func(t *testing.T) {
			var a assembler
			at := 0
			for _, piece := range cut(all) {
				a.push(piece, func(m message) bool {
					vector := vectors[at]
					want := vector.Result
					if want == "reject" {
						want = vector.Rule
					}
					if got := outcomeOf(m, vector.side(), vector.Stage); got != want {
						t.Errorf("%s: %s, not %s", vector.ID, got, want)
					}
					at++
					return true
				})
			}
			if at != len(vectors) || a.filled != 0 {
				t.Errorf("%d of %d messages came, and %d bytes are left", at, len(vectors), a.filled)
			}
		})
	}
}

func TestEachStreamGetsItsVerdictAtItsMessageHoweverItIsCut(t *testing.T) {
	_, streams := goldens(t)
	if len(streams) < 10 {
		t.Fatalf("there are %d streams", len(streams))
	}
	for way, cut := range ways() {
		t.Run(way, func(t *testing.T) {
			for _, stream := range streams {
				rule, at := runStream(t, stream, cut)
				if rule != stream.Rule || rule != "" && at != stream.At {
					t.Errorf("%s: %q at %d, not %q at %d", stream.ID, rule, at, stream.Rule, stream.At)
				}
			}
		})
	}
}

func runStream(t *testing.T, stream goldenStream, cut func([]byte) [][]byte) (rule string, at int) {
	t.Helper()
	var spans [2]coldSpan
	for at, one := range stream.Messages {
		all := one.bytes(t)
		if at == len(stream.Messages)-1 {
			all = all[:messageBytes-stream.Missing]
		}
		var a assembler
		var fault *verdict
		for _, piece := range cut(all) {
			a.push(piece, func(m message) bool {
				fault = stepStream(m, one.side(), &spans[one.side()])
				return fault == nil
			})
		}
		if fault != nil {
			return fault.rule, at
		}
		if a.filled > 0 {
			return "channel-truncated", at
		}
	}
	return "", 0
}

func stepStream(m message, sender side, span *coldSpan) *verdict {
	known, fault := judge(m, sender)
	if fault != nil || !known {
		return fault
	}
	if !span.open && !typeTable[m.messageType()].spans {
		return nil
	}
	body, whole, fault := span.take(m)
	if fault != nil || !whole {
		return fault
	}
	return judgeBody(m, sender, body)
}

func TestEveryRuleThatCodeNamesIsInTheSpecification(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(specFolder, "requirements.json"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range rulesIn(string(code)) {
			found++
			if !bytes.Contains(text, []byte(`"id": "`+rule+`"`)) {
				t.Errorf("%s names the rule %s, which the specification does not have", file, rule)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d rules were found in the code", found)
	}
}

func TestEachColdBodyIsReadAndWrittenAsTheVectorsSay(t *testing.T) {
	vectors, _ := goldens(t)
	seen := map[string]int{}
	for _, vector := range vectors {
		if vector.Proto == nil || vector.Result != "accept" {
			continue
		}
		m := message(vector.bytes(t))
		body := m.body()
		if typeTable[m.messageType()].prefix {
			body = body[versionPrefixBytes:]
		}
		got, again := meaningOf(t, vector.Proto.Message, body)
		if got == nil {
			continue
		}
		seen[vector.Proto.Message]++
		var want any
		if err := json.Unmarshal(vector.Proto.Value, &want); err != nil {
			t.Fatal(err)
		}
		if !sameJSON(t, got, want) {
			t.Errorf("%s: read as %v, not %v", vector.ID, got, want)
		}
		if next, _ := meaningOf(t, vector.Proto.Message, again); !sameJSON(t, next, want) {
			t.Errorf("%s: written and read again it is %v", vector.ID, next)
		}
	}
	for _, kind := range []string{"Hello", "Welcome", "Goodbye", "Failure", "Log"} {
		if seen[kind] == 0 {
			t.Errorf("no vector shows %s", kind)
		}
	}
}

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	left, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	right, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Equal(left, right)
}
