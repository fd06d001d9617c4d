package millrace

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Retry says whether the same call, sent again, may succeed, where the reason alone does not say.
type Retry uint8

const (
	// RetryByReason leaves it to the reason.
	RetryByReason Retry = 0
	// RetryYes says that it may.
	RetryYes Retry = 1
	// RetryNo says that it will not.
	RetryNo Retry = 2
)

// String is the reason's name in the specification, such as "bad_input".
func (r Reason) String() string {
	if info, known := reasons[r]; known {
		return info.name
	}
	return fmt.Sprintf("reason %d", uint32(r))
}

// Error makes a reason a target of errors.Is: errors.Is(err, millrace.ReasonNotFound).
func (r Reason) Error() string { return r.String() }

// Status is the gRPC status number that goes with the reason.
func (r Reason) Status() Status {
	if info, known := reasons[r]; known {
		return info.status
	}
	return StatusUnknown
}

// Error is a call that failed. Call returns one when the callee failed; return one from a handler to fail with a
// reason, a code and a retry hint of your choice. Any other error that a handler returns becomes a
// ReasonHandlerError.
//
//	return out, &millrace.Error{Reason: millrace.ReasonBadInput, Code: "NO_USER", Message: "no such user"}
//
// errors.Is finds its reason, its cause, and context.Canceled or context.DeadlineExceeded where they fit.
type Error struct {
	// Reason says why, from the closed list. Programs branch on it, or on Code. 0 counts as ReasonHandlerError.
	Reason Reason
	// Status is the gRPC status number, 1 to 16. A handler's own is sent with ReasonHandlerError only (rule
	// error-status-of-reason). 0: the reason's.
	Status Status
	// Code is the failing function's own, for programs; at most 256 bytes. Empty: none.
	Code string
	// Message is for people.
	Message string
	// Retry says whether the same call may succeed later. Default: what the reason says.
	Retry Retry
	// Function is the name of the function that failed. The engine fills it in when it is empty.
	Function string
	// Type is the error's type where it happened, such as "*fs.PathError" or "ValueError". Empty: not told.
	Type string
	// Stack is the stack trace of the worker where it happened. Empty: not told.
	Stack string
	// Cause is what caused it; kept here, never sent.
	Cause error
}

// Errorf makes an Error with a reason and a formatted message; %w gives it a cause.
//
//	return out, millrace.Errorf(millrace.ReasonBadInput, "%q is no user", in.User)
func Errorf(reason Reason, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Reason: reason, Message: wrapped.Error(), Cause: errors.Unwrap(wrapped)}
}

// Error is the function, the reason and the message in one line.
func (e *Error) Error() string {
	var text strings.Builder
	if e.Function != "" {
		text.WriteString(e.Function)
		text.WriteString(": ")
	}
	text.WriteString(e.reason().String())
	if e.Message != "" {
		text.WriteString(": ")
		text.WriteString(e.Message)
	}
	return text.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is matches the reason, and the errors of package context that mean the same.
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case Reason:
		return e.reason() == target
	default:
		return target == context.Canceled && e.Reason == ReasonCancelled ||
			target == context.DeadlineExceeded && e.Reason == ReasonDeadlineExceeded
	}
}

// Retryable says whether the same call may succeed later: as the failing side said, otherwise by the reason, where
// "maybe" counts as no.
func (e *Error) Retryable() bool {
	if e.Retry != RetryByReason {
		return e.Retry == RetryYes
	}
	return reasons[e.reason()].retry == "yes"
}

func (e *Error) reason() Reason {
	if _, known := reasons[e.Reason]; known {
		return e.Reason
	}
	return ReasonHandlerError
}

// notAHandlers are the reasons that a handler cannot give. draining and overloaded would make the engine run the call
// once more elsewhere, as if this one had never started; the others only the engine can know (rule
// error-reason-worker).
var notAHandlers = map[Reason]bool{
	ReasonQueueFull:          true,
	ReasonDepthExceeded:      true,
	ReasonWorkerCrashed:      true,
	ReasonWorkerUnavailable:  true,
	ReasonProtocolError:      true,
	ReasonUnauthenticated:    true,
	ReasonVersionUnsupported: true,
	ReasonDraining:           true,
	ReasonOverloaded:         true,
}

// asError makes any error an Error. One that is wrapped in others keeps its reason and gets their whole text.
func asError(err error) *Error {
	if found, ok := err.(*Error); ok {
		return found
	}
	var inner *Error
	if errors.As(err, &inner) {
		whole := *inner
		whole.Message, whole.Cause = err.Error(), err
		return &whole
	}
	var reason Reason
	if errors.As(err, &reason) {
		return &Error{Reason: reason, Message: err.Error(), Cause: err}
	}
	return &Error{Reason: ReasonHandlerError, Message: err.Error(), Type: typeOf(err), Cause: err}
}

func typeOf(value any) string {
	if value == nil {
		return "nil"
	}
	return reflect.TypeOf(value).String()
}

// toFailure is what goes on the wire when a handler fails with this, with its status. A reason that a handler cannot
// give becomes handler_error and goes into the message. Only with handler_error is a status of one's own kept.
func (e *Error) toFailure() (failureBody, Status) {
	reason, message := e.reason(), e.Message
	if notAHandlers[reason] {
		message = reason.String() + ": " + message
		reason = ReasonHandlerError
	}
	status := reason.Status()
	if reason == ReasonHandlerError && e.reason() == reason && e.Status >= StatusCancelled && e.Status <= StatusUnauthenticated {
		status = e.Status
	}
	errorType := e.Type
	if errorType == "" {
		errorType = typeOf(e) // Without a type, not_found would look like a stale id: see caller.onError.
	}
	return failureBody{
		reason: reason, code: e.Code, message: message, errorType: errorType, stack: e.Stack, retry: e.Retry, function: e.Function,
	}, status
}

// errorOf is the Error that a failure from the wire stands for. A reason that is not known is a handler_error with its
// status kept: rules error-empty-body and reason-unknown.
func errorOf(body failureBody, status Status) *Error {
	if _, known := reasons[body.reason]; !known {
		body.reason = ReasonHandlerError
	}
	return &Error{
		Reason: body.reason, Status: status, Code: body.code, Message: body.message, Retry: body.retry,
		Function: body.function, Type: body.errorType, Stack: body.stack,
	}
}

// UsageError says that you broke a rule of this package: a bug on this side. Nothing was sent.
type UsageError struct{ message string }

// Error says what is wrong and how to mend it.
func (e *UsageError) Error() string { return "millrace: " + e.message }

func usage(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}
