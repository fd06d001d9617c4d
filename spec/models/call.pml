/*
 * One call, as the engine sees it: cancel against completion, deadline against result, loss of the channel, a caller that goes.
 * The states are those of spec/states/call.yaml; each process stands for one side of a channel, and the channels are
 * pipes: in order, with room for a few messages.
 *
 * Checked (tools/models runs it, `make proof` and CI):
 *   - the caller gets exactly one outcome while it is there, and none after it has gone (call-one-final, channel-end-ends-calls)
 *   - the worker's place is freed exactly once, and only by its final message or the end of its channel (deadline-slot-kept)
 *   - CANCEL goes out at most once, and never for a call that has ended on the channel (cancel-waiting, deadline-cancels)
 *   - nothing hangs: every run ends with the call ended (spin's search for invalid end states)
 *
 * Broken twins, each refuted by the same search, show that the checks can fail:
 *   -DBROKEN_TWO_OUTCOMES   a result that comes after the deadline is passed on as well
 *   -DBROKEN_FREE_EARLY     the deadline frees the worker's place
 *   -DBROKEN_LOST_OUTCOME   the loss of the channel forgets calls that were cancelled
 *   -DBROKEN_CANCEL_WAITS   a cancelled call that waits is sent to a worker all the same
 */

mtype = { INVOKE, RESULT, CANCEL, EOF };                 /* on the channel with the worker */
mtype = { ok, failed };                                  /* outcomes */
mtype = { waiting, running, abandoned, ended };          /* spec/states/call.yaml */

chan toWorker = [4] of { mtype };
chan fromWorker = [4] of { mtype };
chan toCaller = [2] of { mtype };
chan fromCaller = [2] of { mtype };                      /* CANCEL, EOF: the caller went away */

mtype state = waiting;
bool callerThere = true;
bool deadlineSet = true;
bool cancelled = false;
byte outcomes = 0;          /* that the caller was sent */
byte freed = 0;             /* times the worker's place was given back */
byte cancels = 0;
bool workerHas = false;     /* the worker got INVOKE and has not sent its final message */
bool channelUp = true;

inline answer(outcome) {
  assert(callerThere);
  outcomes++;
  assert(outcomes == 1);
  toCaller ! outcome;
}

inline sendCancel() {
  if
  :: cancels == 0 -> cancels++; toWorker ! CANCEL
  :: else -> skip
  fi
}

inline freePlace() {
  freed++;
  assert(freed == 1);
}

active proctype Engine() {
  do
  :: state == ended -> break

  /* A worker has a free place. */
  :: state == waiting && channelUp ->
     atomic { assert(!cancelled); state = running; toWorker ! INVOKE }

  /* The deadline. */
  :: atomic { state == waiting && deadlineSet && callerThere ->
       deadlineSet = false; answer(failed); state = ended }
  :: atomic { state == running && deadlineSet && callerThere ->
       deadlineSet = false; answer(failed); state = abandoned; sendCancel();
#ifdef BROKEN_FREE_EARLY
       freePlace()
#endif
     }

  /* The caller cancels, or goes away. */
  :: atomic { fromCaller ? [CANCEL] -> fromCaller ? CANCEL;
       cancelled = true;
       if
       :: state == waiting ->
#ifdef BROKEN_CANCEL_WAITS
          skip
#else
          answer(failed); state = ended
#endif
       :: state == running -> sendCancel()
       :: else -> skip                                   /* call-late-dropped */
       fi }
  :: atomic { fromCaller ? [EOF] -> fromCaller ? EOF;
       callerThere = false;
       if
       :: state == waiting -> state = ended
       :: state == running -> state = abandoned; sendCancel()
       :: else -> skip
       fi }

  /* The worker's final message. */
  :: atomic { fromWorker ? [RESULT] -> fromWorker ? RESULT;
       if
       :: state == running -> answer(ok); freePlace(); state = ended
       :: state == abandoned ->
#ifdef BROKEN_TWO_OUTCOMES
          if :: callerThere -> answer(ok) :: else -> skip fi;
#endif
          freePlace(); state = ended
       :: else -> assert(false)                          /* a final message for a call that the worker does not hold */
       fi }

  /* The end of the channel, once everything before it was read. */
  :: atomic { fromWorker ? [EOF] -> fromWorker ? EOF;
       channelUp = false;
       if
       :: state == running ->
#ifdef BROKEN_LOST_OUTCOME
          if :: cancelled -> skip :: else -> answer(failed) fi;
#else
          answer(failed);
#endif
          freePlace(); state = ended
       :: state == abandoned -> freePlace(); state = ended
       :: state == waiting ->                            /* no worker is left: worker_unavailable */
          if :: callerThere -> answer(failed) :: else -> skip fi; state = ended
       :: else -> skip
       fi }
  od;
  /* What is checked when the call has ended. */
  assert(outcomes == 1 || !callerThere);
  assert(freed == 1 || !workerHas);
endAll:
  skip
}

/* The worker may answer at once, answer after CANCEL, or die at any time. */
active proctype Worker() {
  mtype message;
endIdle:
  do
  :: toWorker ? message ->
     if
     :: message == INVOKE -> workerHas = true
     :: message == CANCEL -> skip                        /* asks; the final message still comes */
     fi
  :: atomic { workerHas -> workerHas = false; fromWorker ! RESULT }
  :: atomic { channelUp -> fromWorker ! EOF; break }
  od
endGone:
  do
  :: toWorker ? message                                  /* what the engine still writes goes nowhere */
  od
}

/* The caller may cancel, may go away, and takes at most one outcome. */
active proctype Caller() {
  mtype outcome;
  bool asked = false;
  byte got = 0;
endCaller:
  do
  :: toCaller ? outcome -> got++; assert(got == 1)
  :: atomic { !asked -> asked = true; fromCaller ! CANCEL }
  :: atomic { callerThere && got == 0 && nfull(fromCaller) -> fromCaller ! EOF; break }
  od
endAway:
  do
  :: toCaller ? outcome                                  /* it left while the outcome was on its way */
  od
}
