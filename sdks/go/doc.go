// Package millrace serves functions to a Millrace engine, which calls them at microsecond scale, and lets them call one
// another in whatever language they are written.
//
//	func main() {
//		millrace.Handle("greet", func(ctx context.Context, name string) (string, error) {
//			return "Hello, " + name, nil
//		})
//		millrace.Main()
//	}
//
// Functions take and give JSON (Handle), bytes (HandleBytes) or streams (HandleStream). A handler runs in a goroutine of
// its own; its context ends when the caller gives up or the deadline passes, and context.Cause then gives the *Error.
// Call, CallBytes and CallStream call other functions with that context, which ties the calls to the handler's own:
// they end with it, and never outlast its deadline. FromContext tells what there is to know of the call, LogHandler
// ties log records to it.
//
// Package millracetest runs functions in tests, with an engine in memory.
//
// The package has no dependency beyond the standard library. It implements version 1 of the protocol with the features
// internal-calls, streaming, log and capacity.
package millrace
