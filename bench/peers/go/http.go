package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
)

func serveHTTP(handler http.HandlerFunc) func(net.Listener) error {
	return func(listener net.Listener) error { return http.Serve(listener, handler) }
}

func echo(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	response.Write(body)
}

// forkForEach is a watchdog: a process for each call, which reads the input and writes the output. cat starts quicker
// than what a function is written in.
func forkForEach(response http.ResponseWriter, request *http.Request) {
	call := exec.Command("cat")
	call.Stdin = request.Body
	output, err := call.Output()
	if err != nil {
		http.Error(response, err.Error(), http.StatusInternalServerError)
		return
	}
	response.Write(output)
}

func httpClient(socket string) (func([]byte) (int, error), error) {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial}}
	return func(input []byte) (int, error) {
		response, err := client.Post("http://localhost/", "application/octet-stream", bytes.NewReader(input))
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		output, err := io.ReadAll(response.Body)
		return len(output), err
	}, nil
}
