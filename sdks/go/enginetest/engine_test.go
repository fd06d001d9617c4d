package enginetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

var sizes = []int{0, 1, 959, 960, 961, 65_536, 1 << 20}

func TestPayloadsOfEverySizeGoBetweenGoAndNodeWith32CallsAtOnce(t *testing.T) {
	d := start(t)
	failures := make(chan error)
	calls := 0
	for at := range 32 {
		for _, size := range sizes {
			if size > 65_536 && at%8 != 0 {
				continue
			}
			input := bytes.Repeat([]byte{byte(at), 0, 255, 10}, (size+3)/4)[:size]
			for _, way := range []string{"go", "node calls go", "go calls node"} {
				calls++
				go func() { failures <- roundTrip(d, way, input) }()
			}
		}
	}
	for range calls {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
}

func roundTrip(d *driver, way string, input []byte) error {
	name, program, want := "echo", input, input
	switch way {
	case "node calls go":
		name = "node.relay"
	case "go calls node":
		name, program = "interp", opCall("node.echo", input)
		want = append(append([]byte{0}, le32(len(input))...), input...)
	}
	output, failed := d.invoke(name, program, 0)
	if failed != nil {
		return fmt.Errorf("%s, %d bytes: %+v", way, len(input), failed)
	}
	if !bytes.Equal(output, want) {
		return fmt.Errorf("%s, %d bytes: %d others came back", way, len(input), len(output))
	}
	return nil
}

func TestAFunctionCallsItselfThroughTheEngine(t *testing.T) {
	d := start(t)
	program := []byte{0x0e} // CANCELLED: one zero byte.
	for range 20 {
		program = opCall("interp", program)
	}
	output, failed := d.invoke("interp", program, 0)
	if failed != nil || len(output) != 20*5+1 {
		t.Errorf("%d bytes, %+v", len(output), failed)
	}
}

func TestADeadlineIsMetAndTheWorkerGoesOn(t *testing.T) {
	d := start(t)
	if _, failed := d.invoke("interp", opCall("interp", opSleep(60_000)), 30); failed == nil || failed.Reason != "deadline_exceeded" {
		t.Errorf("the failure is %+v", failed)
	}
	if output, failed := d.invoke("echo", []byte("still here"), 0); string(output) != "still here" {
		t.Errorf("%q, %+v", output, failed)
	}
}

func TestAFailureNamesItsFunctionReasonAndCode(t *testing.T) {
	d := start(t)
	program := append([]byte{0x02, 2, 2, 2, 'E', '1'}, opText(0, "no good")[1:]...)
	if _, failed := d.invoke("interp", program, 0); failed == nil || failed.Reason != "bad_input" || failed.Code != "E1" || failed.Message != "no good" || failed.Function != "interp" {
		t.Errorf("the failure is %+v", failed)
	}
	if _, failed := d.invoke("interp", opText(0x03, "thrown"), 0); failed == nil || failed.Reason != "handler_error" || failed.Message != "thrown" {
		t.Errorf("the failure is %+v", failed)
	}
	if _, failed := d.invoke("interp", []byte{0xff}, 0); failed == nil || failed.Reason != "bad_input" {
		t.Errorf("the failure is %+v", failed)
	}
}

func TestOutputOfTheHandlerNeverReachesTheChannel(t *testing.T) {
	d := start(t)
	program := append(append([]byte{0x09}, le32(1<<20)...), append([]byte{0x0a}, le32(1<<20)...)...)
	program = append(program, opPattern(3, 1)...)
	if output, failed := d.invoke("interp", program, 0); len(output) != 3 {
		t.Errorf("%d bytes, %+v", len(output), failed)
	}
}

func TestALogReachesTheEngineWithItsFunction(t *testing.T) {
	d := start(t)
	program := append([]byte{0x10, 3}, opText(0, "look here")[1:]...)
	if _, failed := d.invoke("interp", program, 0); failed != nil {
		t.Fatal(failed)
	}
	if said := d.event("interp warn"); !strings.Contains(said, "look here") {
		t.Errorf("the log is %q", said)
	}
}

func TestAStreamedOutputArrivesWhole(t *testing.T) {
	d := start(t)
	program := append(append(append([]byte{0x11}, le32(200)...), le32(1500)...), le32(5)...)
	if output, failed := d.invoke("interp", program, 0); len(output) != 300_000 {
		t.Errorf("%d bytes, %+v", len(output), failed)
	}
}

func TestAWorkerThatDiesFailsItsCallsAndIsReplaced(t *testing.T) {
	d := start(t)
	if _, failed := d.invoke("interp", []byte{0x0b, 3}, 0); failed == nil || failed.Reason != "worker_crashed" {
		t.Errorf("the failure is %+v", failed)
	}
	if output, failed := d.invoke("echo", []byte("again"), 0); string(output) != "again" {
		t.Errorf("%q, %+v", output, failed)
	}
}

func TestAWorkerIsDrainedInOrder(t *testing.T) {
	d := start(t)
	ended := make(chan []byte)
	go func() {
		program := append([]byte{0x10, 2}, opText(0, "begun")[1:]...)
		output, _ := d.invoke("interp", append(append(program, opSleep(50)...), opPattern(4, 1)...), 0)
		ended <- output
	}()
	d.event("interp info begun")
	d.stdin.Close() // The engine stops, and lets the call that runs end.
	if output := <-ended; len(output) != 4 {
		t.Errorf("%d bytes came", len(output))
	}
	if said := d.event("go gone"); said != "go gone the worker said goodbye" {
		t.Errorf("the worker went by %q", said)
	}
}

func TestTheHelloOfTheReadmeGreets(t *testing.T) {
	d := startWith(t, "../examples/hello")
	if output, failed := d.invoke("greet", []byte(`"Ada"`), 0); string(output) != `"Hello, Ada"` {
		t.Errorf("%q, %+v", output, failed)
	}
}
