package millrace

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Any bytes, cut anywhere, give messages, or a verdict that names a rule; never another error, never a hang.

// smokeRounds is how many inputs one test run tries. Unit: inputs.
const smokeRounds = 3_000

func ruleIDs(t testing.TB) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(specFolder, "requirements.json"))
	if err != nil {
		t.Fatal(err)
	}
	var registry struct {
		Requirements []struct {
			ID string `json:"id"`
		} `json:"requirements"`
	}
	if err := json.Unmarshal(text, &registry); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, one := range registry.Requirements {
		ids[one.ID] = true
	}
	if len(ids) < 100 {
		t.Fatalf("the specification has %d rules", len(ids))
	}
	return ids
}

// receive takes bytes as a receiver does, cut as the seed says. Returns the messages that came and the rule broken.
func receive(all []byte, sender side, seed uint64, step func(m message, sender side, span *coldSpan) *verdict) (messages int, fault *verdict) {
	random := rand.New(rand.NewPCG(seed, 1))
	var a assembler
	var span coldSpan
	for len(all) > 0 && fault == nil {
		n := min(len(all), 1+random.IntN(2*messageBytes))
		a.push(all[:n], func(m message) bool {
			messages++
			fault = step(m, sender, &span)
			return fault == nil
		})
		all = all[n:]
	}
	return messages, fault
}

// mutant is some golden messages with some bytes changed, and now and then noise.
func mutant(random *rand.Rand, goldens [][]byte) []byte {
	var all []byte
	for range 1 + random.IntN(8) {
		m := append([]byte(nil), goldens[random.IntN(len(goldens))]...)
		for range random.IntN(4) {
			at := random.IntN(messageBytes)
			if random.IntN(2) == 0 {
				at = random.IntN(headerBytes + 32)
			}
			m[at] = byte(random.Uint32())
		}
		if random.IntN(10) == 0 {
			for at := range m {
				m[at] = byte(random.Uint32())
			}
		}
		all = append(all, m...)
	}
	return all[:len(all)-random.IntN(2)*random.IntN(messageBytes)]
}

func goldenBytes(t testing.TB) (all [][]byte) {
	vectors, _ := goldens(t)
	for _, vector := range vectors {
		all = append(all, vector.bytes(t))
	}
	return all
}

func TestAnyBytesGiveMessagesOrANamedRule(t *testing.T) {
	rules, goldens := ruleIDs(t), goldenBytes(t)
	faults := map[string]int{}
	for seed := range uint64(smokeRounds) {
		random := rand.New(rand.NewPCG(seed, 0))
		_, fault := receive(mutant(random, goldens), side(random.IntN(2)), seed, stepStream)
		if fault != nil {
			faults[fault.rule]++
			if !rules[fault.rule] {
				t.Fatalf("seed %d: %q is no rule", seed, fault.rule)
			}
		}
	}
	if len(faults) < 20 {
		t.Errorf("only %d rules were met: %v", len(faults), faults)
	}
}

// The canary: a receiver that is wrong on purpose is found, so the fuzzer looks where it should.
func TestTheFuzzerFindsAReceiverThatForgetsReservedBytes(t *testing.T) {
	goldens := goldenBytes(t)
	for seed := range uint64(smokeRounds) {
		random := rand.New(rand.NewPCG(seed, 0))
		bytes, sender := mutant(random, goldens), side(random.IntN(2))
		_, right := receive(bytes, sender, seed, stepStream)
		_, wrong := receive(bytes, sender, seed, func(m message, sender side, span *coldSpan) *verdict {
			if fault := stepStream(m, sender, span); fault != nil && fault.rule != "message-reserved-zero" {
				return fault
			}
			return nil
		})
		if (right == nil) != (wrong == nil) || right != nil && right.rule != wrong.rule {
			return
		}
	}
	t.Errorf("%d inputs found nothing", smokeRounds)
}

func TestAWorkerThatGetsAnyBytesGoesOnOrNamesTheRule(t *testing.T) {
	rules, goldens := ruleIDs(t), goldenBytes(t)
	for seed := range uint64(smokeRounds / 10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 2))
			app := echoApp()
			HandleOn(app, "word.count", func(_ context.Context, in []string) (int, error) { return len(in), nil })
			e := startScripted(t, app, nil)
			all := mutant(random, goldens)
			if _, err := e.toWorker.write(all); err != nil {
				t.Fatal(err)
			}
			e.toWorker.end()
			m := make(message, messageBytes)
			for e.out.readFull(m) == nil {
				known, fault := judge(m, sideWorker)
				if fault != nil || !known {
					t.Fatalf("the worker broke a rule: %+v", fault)
				}
				if m.messageType() != typeGoodbye {
					continue
				}
				if says, well := readGoodbye(m.body(), m.status()); !well && !rules[says.rule] {
					t.Errorf("GOODBYE names %q, which is no rule", says.rule)
				}
			}
			<-e.result
		})
	}
}

func FuzzReceive(f *testing.F) {
	rules := ruleIDs(f)
	for at, one := range goldenBytes(f) {
		f.Add(one, uint64(at), at%2 == 0)
	}
	f.Fuzz(func(t *testing.T, all []byte, seed uint64, ofWorker bool) {
		sender := sideEngine
		if ofWorker {
			sender = sideWorker
		}
		messages, fault := receive(all, sender, seed, stepStream)
		if fault != nil && !rules[fault.rule] {
			t.Errorf("%q is no rule", fault.rule)
		}
		if fault == nil && messages != len(all)/messageBytes {
			t.Errorf("%d messages came of %d bytes", messages, len(all))
		}
	})
}

func FuzzProto(f *testing.F) {
	for _, one := range goldenBytes(f) {
		f.Add(one[headerBytes:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var failure failureBody
		if failure.decode(body) != nil {
			return
		}
		var again failureBody
		if err := again.decode(failure.encode()); err != nil {
			t.Errorf("what was read and written cannot be read: %v", err)
		}
	})
}
