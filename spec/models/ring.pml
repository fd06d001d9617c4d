/*
 * One ring and the two pipes beside it: sleep and wake, the full ring, the change from the pipe to the ring, the end.
 * The producer sends message 0 by the pipe, then ATTACHED, then all others by the ring; it may die anywhere. The other
 * direction is the same with the sides exchanged, so one is enough. Each step is one access to shared memory or to a pipe;
 * steps of the two sides mix in every order. A pipe that is full takes no WAKE: what lies in it wakes all the same.
 *
 * Checked (tools/models runs it, `make proof` and CI):
 *   - every message that was published arrives, once, in order and whole (ring-attached, ring-drained)
 *   - nobody sleeps for ever: no wake-up is lost, neither the consumer's (ring-sleep, ring-wake) nor that of a producer
 *     who waits for room (ring-full, ring-room); spin's search for invalid end states
 *   - the producer never overwrites what was not read, and the consumer never reads what was not published (ring-indices)
 *
 * Broken twins, each refuted by the same search, show that the checks can fail:
 *   -DBROKEN_NO_SECOND_LOOK    the consumer sets its flag and sleeps without looking once more
 *   -DBROKEN_FLAG_AFTER_LOOK   the consumer looks for the last time before it sets its flag
 *   -DBROKEN_FLAG_READ_EARLY   the producer reads the flag before it publishes, which an order weaker than seq_cst allows
 *   -DBROKEN_FULL_NO_LOOK      a producer that found the ring full sets its flag and waits without looking once more
 *   -DBROKEN_ROOM_READ_EARLY   the consumer reads the producer's flag before it frees the cell
 *   -DBROKEN_PUBLISH_EARLY     the producer publishes a cell before it is written
 *   -DBROKEN_RING_EARLY        the consumer reads the ring before ATTACHED has come
 *   -DBROKEN_NOT_DRAINED       at the end of the pipe the consumer forgets what is left in the ring
 */

#define CELLS 2
#define MESSAGES 5
#define NONE 255

mtype = { MESSAGE, ATTACHED, WAKE, END };

chan pipe = [2] of { mtype };        /* producer to consumer; END: the producer has ended */
chan back = [2] of { mtype };        /* consumer to producer: WAKE */

byte cell[CELLS] = NONE;
byte tail = 0;                       /* messages published; written by the producer */
byte head = 0;                       /* messages taken; written by the consumer */
bool consumerSleeping = false;
bool producerWaiting = false;
byte published = 0;                  /* by pipe and ring together, for the checks alone */
byte taken = 0;

/* A full pipe takes no WAKE: its reader wakes for what lies in it, and looks afterwards. */
inline wake(p) {
  if
  :: atomic { nfull(p) -> p ! WAKE }
  :: full(p) -> skip
  fi
}

/* The exchange of a flag with false, then WAKE if it was set. */
inline wakeIf(flag, p) {
  if
  :: atomic { flag -> flag = false } ; wake(p)
  :: !flag -> skip
  fi
}

active proctype Producer() {
  byte next = 1;
  bool seen;
  pipe ! MESSAGE;
  published = 1;
  pipe ! ATTACHED;
  do
  :: next == MESSAGES -> break
  :: goto dead                                           /* killed between two messages */
  :: next < MESSAGES ->
     if
     :: tail - head < CELLS ->
        assert(cell[tail % CELLS] == NONE);
#ifdef BROKEN_PUBLISH_EARLY
        tail++;
        cell[(tail - 1) % CELLS] = next;
#else
        if
        :: cell[tail % CELLS] = next
        :: cell[tail % CELLS] = next -> goto dead        /* killed before it could publish */
        fi;
#ifdef BROKEN_FLAG_READ_EARLY
        seen = consumerSleeping;
#endif
        atomic { tail++; published++ };
#endif
        if
        :: skip
        :: goto dead                                     /* killed before it could wake */
        fi;
#ifdef BROKEN_FLAG_READ_EARLY
        if
        :: seen -> consumerSleeping = false; wake(pipe)
        :: else -> skip
        fi;
#else
        wakeIf(consumerSleeping, pipe);
#endif
        next++
     :: else ->
        producerWaiting = true;
#ifndef BROKEN_FULL_NO_LOOK
        if
        :: tail - head < CELLS -> skip
        :: else ->
#endif
           back ? WAKE
#ifndef BROKEN_FULL_NO_LOOK
        fi
#endif
        ;
        producerWaiting = false
     fi
  od;
  published == taken;                                    /* alive with no more to say: only WAKE can tell of the last */
dead:
  pipe ! END
}

active proctype Consumer() {
  byte at = 0;                                           /* read so far; head follows when a batch was read */
  bool attached = false;
  bool ended = false;
  bool nothing;
  mtype what;
  do
#ifdef BROKEN_RING_EARLY
  :: head != tail ->
#else
  :: attached && head != tail ->
#endif
     do                                                  /* one message, or all that are there */
     :: at != tail ->
        assert(cell[at % CELLS] == taken);
        cell[at % CELLS] = NONE;
        at++;
        taken++
     :: at != head -> break
     od;
#ifdef BROKEN_ROOM_READ_EARLY
     if
     :: producerWaiting -> producerWaiting = false; head = at; wake(back)
     :: !producerWaiting -> head = at
     fi
#else
     head = at;
     wakeIf(producerWaiting, back)
#endif
  :: attached && head == tail && ended -> break
  :: attached && head == tail && !ended ->
     nothing = true;
#ifdef BROKEN_FLAG_AFTER_LOOK
     nothing = (head == tail);
#endif
     consumerSleeping = true;
#ifndef BROKEN_NO_SECOND_LOOK
#ifndef BROKEN_FLAG_AFTER_LOOK
     nothing = (head == tail);
#endif
#endif
     if
     :: !nothing -> consumerSleeping = false
     :: else -> pipe ? what; consumerSleeping = false;
        if
        :: what == END -> ended = true;
#ifdef BROKEN_NOT_DRAINED
           break
#endif
        :: else -> assert(what == WAKE)
        fi
     fi
  :: !attached ->
     pipe ? what;
     if
     :: what == MESSAGE -> assert(taken == 0); taken++
     :: what == ATTACHED -> attached = true
     :: else -> assert(false)                            /* WAKE or the end before ATTACHED */
     fi
  od;
  assert(taken == published)
}
