package millrace

// How a channel writes: all that waits at once, by whoever is there first.

// flush gives the pipe what waits. mu is held, but not during the write: who sends meanwhile leaves it to this one.
func (c *channel) flush() {
	if c.writing || c.blocked || c.ended {
		return
	}
	c.writing = true
	for !c.ended && !c.blocked && c.lost == nil {
		c.tellRoom()
		if c.outbox.tail == c.outbox.head {
			break
		}
		waiting, slots, stale := c.outbox.take()
		c.mu.Unlock()
		rest, err := c.writeAll(waiting)
		c.mu.Lock()
		if len(rest) == 0 {
			c.outbox.done(slots, stale)
			continue
		}
		c.outbox.putBack(slots, stale, rest)
		if err != errAgain {
			c.lost = err
			break
		}
		c.blocked = true
		if !c.unblocking {
			go c.pipe.whenWritable(c.unblock)
		}
	}
	c.writing = false
	if c.closed {
		c.closeWrite()
	} else if c.outbox.tail == c.outbox.head && c.onEmpty != nil {
		c.onEmpty()
	}
}

// tellRoom lets those go on who wait for room, when there is some.
func (c *channel) tellRoom() {
	if len(c.roomWaiters) == 0 || c.high() {
		return
	}
	waiters := c.roomWaiters
	c.roomWaiters = nil
	for _, waiter := range waiters {
		waiter.onRoom()
	}
}

func (c *channel) writeAll(bytes []byte) (rest []byte, err error) {
	for len(bytes) > 0 {
		n, err := c.pipe.write(bytes)
		if err != nil {
			return bytes, err
		}
		bytes = bytes[n:]
	}
	return nil, nil
}

// unblock goes on writing when the pipe has room. Returns whether nothing is left to wait for.
func (c *channel) unblock() bool {
	c.lock()
	c.blocked = false
	// This goroutine waits for more room itself, so flush must not start another.
	c.unblocking = true
	c.release()
	c.lock()
	c.unblocking = false
	blocked := c.blocked && !c.ended
	c.mu.Unlock()
	return !blocked
}

// waitForRoom calls waiter.onRoom once when the outbox is no longer high.
func (c *channel) waitForRoom(waiter roomWaiter) { c.roomWaiters = append(c.roomWaiters, waiter) }

// closeWrite closes the pipe to the engine once nobody writes. mu is held.
func (c *channel) closeWrite() {
	if !c.writeClosed {
		c.writeClosed = true
		c.pipe.closeWrite()
	}
}
