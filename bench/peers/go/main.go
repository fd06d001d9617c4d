// Go's peers: a client and a server in two processes over a Unix socket, no engine between.
//
//	peer client grpc|http|watchdog SOCKET COUNT WARM_UP BYTES   starts its own server, prints one JSON object
//	peer server grpc|http|watchdog SOCKET                       ends when its standard input does
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// kind is a way of calling another process.
type kind struct {
	serve func(listener net.Listener) error
	// client makes the function that calls: it gives the number of bytes that came back.
	client func(socket string) (func(input []byte) (int, error), error)
}

var kinds = map[string]kind{
	"grpc":     {serveGRPC, grpcClient},
	"http":     {serveHTTP(echo), httpClient},
	"watchdog": {serveHTTP(forkForEach), httpClient},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	if len(words) < 3 {
		return fmt.Errorf("usage: peer client|server KIND SOCKET [COUNT WARM_UP BYTES]")
	}
	role, name, socket := words[0], words[1], words[2]
	wanted, known := kinds[name]
	if !known {
		return fmt.Errorf("%s is no kind of peer", name)
	}
	if role == "server" {
		return serve(wanted, socket)
	}
	var numbers []int
	for _, word := range words[3:] {
		number, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		numbers = append(numbers, number)
	}
	if len(numbers) != 3 {
		return fmt.Errorf("say COUNT, WARM_UP and BYTES")
	}
	return callServer(wanted, name, socket, numbers[0], numbers[1], numbers[2])
}

func serve(wanted kind, socket string) error {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	ended := make(chan error, 2)
	go func() { ended <- wanted.serve(listener) }()
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		ended <- err
	}()
	fmt.Println("ready")
	return <-ended
}

// callServer starts the server, and ends it by the end of its standard input.
func callServer(wanted kind, name, socket string, count, warmUp, size int) error {
	server := exec.Command(os.Args[0], "server", name, socket)
	server.Stderr = os.Stderr
	end, err := server.StdinPipe()
	if err != nil {
		return err
	}
	said, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil {
		return fmt.Errorf("the server said %q: %w", line, err)
	}
	call, err := wanted.client(socket)
	if err != nil {
		return err
	}
	if err := measure(call, count, warmUp, size); err != nil {
		return err
	}
	if err := end.Close(); err != nil {
		return err
	}
	return server.Wait()
}

func measure(call func([]byte) (int, error), count, warmUp, size int) error {
	input := make([]byte, size)
	samples := make([]int64, 0, count)
	var begun time.Time
	for i := range warmUp + count {
		at := time.Now()
		if i == warmUp {
			begun = at
		}
		length, err := call(input)
		if err != nil {
			return err
		}
		if length != size {
			return fmt.Errorf("%d bytes came back instead of %d", length, size)
		}
		if i >= warmUp {
			samples = append(samples, time.Since(at).Nanoseconds())
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"elapsedNs": time.Since(begun).Nanoseconds(),
		"samplesNs": samples,
	})
}
