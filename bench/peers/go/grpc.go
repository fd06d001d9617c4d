package main

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
)

const method = "/bench.Echo/Call"

// asIs sends bytes as they are: protobuf would only add to what gRPC takes.
type asIs struct{}

func (asIs) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (asIs) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = data
	return nil
}

func (asIs) Name() string { return "as-is" }

var _ encoding.Codec = asIs{}

func serveGRPC(listener net.Listener) error {
	server := grpc.NewServer(grpc.ForceServerCodec(asIs{}))
	handler := func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var payload []byte
		err := decode(&payload)
		return &payload, err
	}
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench.Echo",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Call", Handler: handler}},
	}, nil)
	return server.Serve(listener)
}

func grpcClient(socket string) (func([]byte) (int, error), error) {
	client, err := grpc.NewClient("unix:"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(asIs{})))
	if err != nil {
		return nil, err
	}
	return func(input []byte) (int, error) {
		var output []byte
		err := client.Invoke(context.Background(), method, &input, &output)
		return len(output), err
	}, nil
}
