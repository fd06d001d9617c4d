package millrace

import (
	"bytes"
	"slices"
)

// inbox judges each message of the engine and takes it to its room. Guarded by the channel's mu.
type inbox struct {
	worker *worker
	span   coldSpan
	// attached: the engine's ATTACHED has come.
	attached bool
	ended    bool
}

func (i *inbox) onMessage(m message) bool {
	known, fault := judge(m, sideEngine)
	switch {
	case fault != nil:
	case !known && !i.span.open:
		return true // Rule message-type-ignorable.
	case i.worker.served == nil:
		fault = i.takeFirst(m)
	case i.worker.welcome.rings && !i.attached:
		fault = i.takeAttached(m)
	case i.span.open && m.messageType() != typeError:
		_, _, fault = i.span.take(m)
	default:
		fault = i.take(m)
	}
	if fault != nil {
		i.ended = true
		i.worker.onBroken(fault)
	}
	return !i.ended
}

func (i *inbox) onEnd(err error, truncated bool) { i.worker.onEnd(err, truncated) }

func (i *inbox) take(m message) *verdict {
	w := i.worker
	ours := m.callID()&1 == sideWorker.parity()
	switch m.messageType() {
	case typeInvoke:
		return w.served.onInvoke(m)
	case typeResult:
		return w.caller.onResult(m)
	case typeError:
		body, whole, fault := i.span.take(m)
		if fault != nil || !whole {
			return fault
		}
		return w.caller.onError(m, body)
	case typeCancel:
		return w.served.onCancel(m)
	case typeData:
		if fault := i.needs(m); fault != nil {
			return fault
		}
		if ours {
			return w.caller.onData(m)
		}
		return w.served.onData(m)
	case typeWindow:
		if fault := i.needs(m); fault != nil {
			return fault
		}
		if ours {
			return w.caller.onWindow(m)
		}
		return w.served.onWindow(m)
	case typeResolved:
		if fault := i.needs(m); fault != nil {
			return fault
		}
		return w.names.onResolved(m)
	case typePing:
		w.onPing(m.nonce())
	case typePong:
		return broken("pong-open", "PONG came, but this worker sent no PING")
	case typeDrain:
		w.onDrain(m.timeoutUs())
	case typeGoodbye:
		i.ended = true
		w.onGoodbye(bytes.Clone(m.body()), m.status())
	case typeWelcome:
		return broken("handshake-hello-once", "a second WELCOME came")
	case typeAttached, typeWake:
		if fault := i.needs(m); fault != nil {
			return fault
		}
		return broken("ring-no-wake", "%s came in the ring", typeName(m.messageType()))
	default:
		if fault := i.needs(m); fault != nil {
			return fault
		}
		return broken("message-direction", "a worker takes no %s", typeName(m.messageType()))
	}
	return nil
}

// takeFirst takes what comes before the channel is open: WELCOME or GOODBYE (rule handshake-engine-waits).
func (i *inbox) takeFirst(m message) *verdict {
	if !i.span.open {
		switch m.messageType() {
		case typeGoodbye:
			i.ended = true
			i.worker.onGoodbye(bytes.Clone(m.body()), m.status())
			return nil
		case typeWelcome:
		default:
			return broken("handshake-engine-waits", "%s came before WELCOME", typeName(m.messageType()))
		}
	}
	body, whole, fault := i.span.take(m)
	if fault != nil || !whole {
		return fault
	}
	return i.worker.onWelcome(body)
}

// takeAttached takes what comes first after WELCOME when there are rings: rule ring-attached.
func (i *inbox) takeAttached(m message) *verdict {
	if m.messageType() != typeAttached {
		return broken("ring-attached", "%s came after WELCOME, where ATTACHED belongs", typeName(m.messageType()))
	}
	i.attached = true
	i.worker.rings.switchIn()
	return nil
}

// needs checks that the feature of a type was accepted: rule feature-accepted.
func (i *inbox) needs(m message) *verdict {
	info := typeTable[m.messageType()]
	if info.feature == "" || slices.Contains(i.worker.welcome.features, info.feature) {
		return nil
	}
	return broken("feature-accepted", "%s came, but WELCOME did not accept %s", info.name, info.feature)
}
