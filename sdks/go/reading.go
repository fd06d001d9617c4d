package millrace

import "runtime"

// listen reads until the channel ends. It is the goroutine that waits in the runtime's poller.
func (c *channel) listen() {
	c.pipe.whenReadable(func() bool {
		for !c.lead.CompareAndSwap(leadFree, leadTaken) {
			if c.lead.Load() == leadAsked || c.lead.CompareAndSwap(leadTaken, leadAsked) {
				return false
			}
		}
		over := c.readAll()
		c.startAll()
		return c.giveLead() || over
	})
	// Nobody reads any more: the lead is never given again.
	for !c.lead.CompareAndSwap(leadFree, leadTaken) {
		runtime.Gosched()
	}
	c.pipe.closeRead()
}

func (c *channel) takeLead() bool { return c.lead.CompareAndSwap(leadFree, leadTaken) }

// giveLead gives the lead back, after reading once more when somebody asked. Returns whether the channel is over.
func (c *channel) giveLead() (over bool) {
	for !c.lead.CompareAndSwap(leadTaken, leadFree) {
		c.lead.Store(leadTaken)
		over = c.readAll()
		c.startAll()
	}
	return over
}

// readAll reads and acts on everything that is there, and writes what that makes to send. Returns whether the channel
// is over. Has the lead. The calls to start are in c.started until startAll or startAllButOne.
func (c *channel) readAll() (over bool) {
	for {
		n, err := c.pipe.read(c.buffer)
		if err == errAgain {
			return false
		}
		c.lock()
		if c.ended {
			c.mu.Unlock()
			return true
		}
		if err != nil {
			c.end(err)
			c.release()
			return true
		}
		c.assembler.push(c.buffer[:n], c.listener.onMessage)
		over = c.ended
		c.release()
		// A pipe that gave less than there was room for is empty, and tells the poller about what comes later.
		if over || n < len(c.buffer) {
			return over
		}
	}
}

// startAll gives each call that was read a goroutine of its own.
func (c *channel) startAll() {
	for at, call := range c.started {
		c.started[at] = nil
		go c.work(call)
	}
	c.started = c.started[:0]
}

// startAllButOne keeps the last one for the caller.
func (c *channel) startAllButOne() *servedCall {
	last := len(c.started) - 1
	if last < 0 {
		return nil
	}
	call := c.started[last]
	c.started[last] = nil
	c.started = c.started[:last]
	c.startAll()
	return call
}

// work runs a call, and then any that this goroutine finds by itself.
func (c *channel) work(call *servedCall) {
	for call != nil {
		call.run()
		call = c.linger()
	}
}

// linger looks for the next messages, and returns a call to run.
func (c *channel) linger() *servedCall {
	c.lock()
	if c.looking {
		c.mu.Unlock()
		return nil
	}
	c.looking = true
	c.mu.Unlock()
	var call *servedCall
	for looks := true; looks && call == nil; {
		if c.single {
			runtime.Gosched() // Others may have something to send first.
		}
		if !c.takeLead() {
			break
		}
		if looks = c.pipe.readableWithin(); looks {
			looks = !c.readAll()
			call = c.startAllButOne()
		}
		looks = !c.giveLead() && looks
	}
	c.lock()
	c.looking = false
	c.mu.Unlock()
	return call
}

// waiter is a goroutine that waits for something which a message brings. Its fields are guarded by the channel's mu.
type waiter struct {
	ready bool
	// parked is made when the goroutine does not look for itself.
	parked chan struct{}
}

// wake says that what it waits for is there. mu is held.
func (w *waiter) wake() {
	if w.ready {
		return
	}
	w.ready = true
	if w.parked != nil {
		w.parked <- struct{}{}
	}
}

// await waits until w is ready or done is closed. mu is held at the beginning and at the end, not between.
func (c *channel) await(w *waiter, done <-chan struct{}) {
	if !c.looking {
		c.looking = true
		for looks := true; looks && !w.ready; {
			c.release()
			looks = c.look(w)
			c.lock()
		}
		c.looking = false
	}
	if w.ready {
		return
	}
	w.parked = make(chan struct{}, 1)
	c.release()
	select {
	case <-w.parked:
	case <-done:
	}
	c.lock()
}

// look reads for a waiter. Returns whether it is worth doing so again.
func (c *channel) look(w *waiter) bool {
	if c.single {
		runtime.Gosched() // Others may have something to send first.
	}
	if !c.takeLead() {
		return false
	}
	// Who had the lead before may have brought it.
	c.mu.Lock()
	ready := w.ready || c.ended
	c.mu.Unlock()
	readable := !ready && c.pipe.readableWithin()
	if readable {
		c.readAll()
		c.startAll()
	}
	c.giveLead()
	return readable
}
