package millrace

import "slices"

// names has the ids of functions' names: those that WELCOME told, and those asked for by RESOLVE, once for all who
// wait (rule resolve-cached). Guarded by the channel's mu.
type names struct {
	channel *channel
	caller  *caller
	// openMax bounds the RESOLVEs that may be open: rule limit-open-resolves.
	openMax int
	opened  int
	ids     map[string]uint32
	// waiters has who waits, by name; a name is here as long as its RESOLVE is open or waits for a place.
	waiters map[string][]*pendingCall
	// unasked has the names whose RESOLVE waits for a place.
	unasked []string
}

func newNames(c *channel, openMax uint32) *names {
	return &names{channel: c, openMax: int(openMax), ids: map[string]uint32{}, waiters: map[string][]*pendingCall{}}
}

// remember keeps an id; beyond namesCachedMax another is forgotten.
func (n *names) remember(name string, id uint32) {
	if len(n.ids) >= namesCachedMax {
		for other := range n.ids {
			delete(n.ids, other)
			break
		}
	}
	n.ids[name] = id
}

// forget: the engine does not know this id any more.
func (n *names) forget(name string, id uint32) {
	if n.ids[name] == id {
		delete(n.ids, name)
	}
}

// ask asks the engine for the id of a call's name.
func (n *names) ask(call *pendingCall) {
	name := call.name
	if waiters := n.waiters[name]; waiters != nil {
		n.waiters[name] = append(waiters, call)
		return
	}
	if len(n.waiters) >= namesWaitingMax {
		call.fail(Errorf(ReasonQueueFull, "%d names wait to be resolved already", namesWaitingMax))
		return
	}
	n.waiters[name] = []*pendingCall{call}
	if n.opened < n.openMax {
		n.resolve(name)
	} else {
		n.unasked = append(n.unasked, name)
	}
}

func (n *names) resolve(name string) {
	n.opened++
	m := n.channel.begin(typeResolve)
	n.channel.send(copy(m[headerBytes:], name))
}

// onResolved takes RESOLVED: rule resolved-open.
func (n *names) onResolved(m message) *verdict {
	name := string(m.body())
	waiters := n.waiters[name]
	if waiters == nil || slices.Contains(n.unasked, name) {
		return broken("resolved-open", "RESOLVED names %q, for which no RESOLVE is open", name)
	}
	delete(n.waiters, name)
	n.opened--
	switch status := Status(m.status()); status {
	case StatusOK:
		n.remember(name, m.functionID())
		for _, call := range waiters {
			n.caller.onName(call, m.functionID())
		}
	case StatusNotFound:
		for _, call := range waiters {
			n.caller.onNoName(call, &Error{Reason: ReasonNotFound, Message: "there is no function of this name", Function: name})
		}
	default:
		for _, call := range waiters {
			n.caller.onNoName(call, Errorf(ReasonWorkerUnavailable, "%s can't be called now (status %d)", name, status))
		}
	}
	if len(n.unasked) > 0 && n.opened < n.openMax {
		next := n.unasked[0]
		n.unasked = n.unasked[1:]
		n.resolve(next)
	}
	return nil
}

// failChildren ends the calls of one parent that wait for a name; their RESOLVEs stay open.
func (n *names) failChildren(parent *servedCall, why *Error) {
	for _, waiters := range n.waiters {
		for _, call := range waiters {
			if call.parent == parent {
				call.fail(why)
			}
		}
	}
}

// failAll: the channel is gone.
func (n *names) failAll(why *Error) {
	waiters := n.waiters
	n.waiters, n.unasked = map[string][]*pendingCall{}, nil
	for _, calls := range waiters {
		for _, call := range calls {
			call.fail(why)
		}
	}
}
