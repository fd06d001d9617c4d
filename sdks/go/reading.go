package millrace

import (
	"runtime"
	"time"
)

// listen reads until the channel ends. It is the goroutine that waits in the runtime's poller.
func (c *channel) listen() {
	c.pipe.whenReadable(func() bool {
		for !c.lead.CompareAndSwap(leadFree, leadTaken) {
			if c.lead.Load() == leadAsked || c.lead.CompareAndSwap(leadTaken, leadAsked) {
				return false
			}
		}
		now := time.Now()
		if now.Sub(c.lastRead) > hotGap {
			c.fast = 0
		}
		c.fast++
		c.lastRead = now
		c.hot.Store(c.single && c.fast > c.fastWanted)
		over := c.readAll(false)
		c.startAll()
		return c.returnLead() || over
	})
	// Nobody reads any more: the lead is never given again.
	for !c.lead.CompareAndSwap(leadFree, leadTaken) {
		runtime.Gosched()
	}
	c.pipe.closeRead()
}

func (c *channel) takeLead() bool { return c.lead.CompareAndSwap(leadFree, leadTaken) }

// giveLead gives the lead from a handler's goroutine to listen, which waits for what comes from now on. Returns whether
// the channel is over.
func (c *channel) giveLead() (over bool) {
	for !over && !c.pipe.rests() {
		over = c.readAll(false)
		c.startAll()
	}
	return c.returnLead() || over
}

// returnLead gives the lead back, after reading once more when somebody asked. Returns whether the channel is over.
func (c *channel) returnLead() (over bool) {
	for !c.lead.CompareAndSwap(leadTaken, leadFree) {
		c.lead.Store(leadTaken)
		over = c.readAll(false)
		c.startAll()
	}
	return over
}

// readAll reads and acts on everything that is there, and writes what that makes to send. Returns whether the channel
// is over. Has the lead. The calls to start are in c.started until startAll or startAllButOne.
//
// The poller tells of each change once, and of the last bytes and the end at once: for it one must read until nothing
// is there. Who asks the kernel again anyway need not (once).
func (c *channel) readAll(once bool) (over bool) {
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
		if over || once {
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

// mayLook says whether a goroutine that has nothing else to do should wait for a message itself, holding the
// processor: only where there is one processor, messages come fast, and no other handler's goroutine could want it.
// mu is held.
func (c *channel) mayLook(ownCalls int) bool {
	return c.hot.Load() && !c.looking && c.openCalls() <= ownCalls
}

// hold waits for something to read with the processor held, and reads it. Returns whether that was worth it. The
// calls to start are in c.started. Has the lead.
func (c *channel) hold() (worth bool) {
	if !c.pipe.readableWithin() {
		// Each time that it was in vain it takes twice as many messages in a row until it is tried again.
		c.fast, c.fastWanted = 0, min(2*c.fastWanted, fastWantedMax)
		c.hot.Store(false)
		return false
	}
	c.fastWanted -= (c.fastWanted - fastWantedMin) / 16
	return !c.readAll(true)
}

// linger looks for the next messages, and returns a call to run.
func (c *channel) linger() *servedCall {
	c.lock()
	may := c.mayLook(0)
	c.looking = c.looking || may
	c.mu.Unlock()
	if !may {
		return nil
	}
	var call *servedCall
	for worth := true; worth && call == nil; {
		runtime.Gosched() // Others may have something to send first.
		if !c.takeLead() {
			break
		}
		worth = c.hold()
		call = c.startAllButOne()
		worth = !c.giveLead() && worth
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
	if c.mayLook(1) {
		c.looking = true
		for worth := true; worth && !w.ready; {
			c.release()
			worth = c.look(w)
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
	runtime.Gosched() // Others may have something to send first.
	if !c.takeLead() {
		return false
	}
	// Who had the lead before may have brought it, or have started others.
	c.mu.Lock()
	worth := !w.ready && !c.ended && c.openCalls() <= 1
	c.mu.Unlock()
	if worth {
		worth = c.hold()
		c.startAll()
	}
	return !c.giveLead() && worth
}
