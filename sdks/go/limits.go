package millrace

import "time"

// Every bound of the worker, with its unit. Bounds that the engine states in WELCOME are in handshake.go.
const (
	// readBufferBytes is one full Linux pipe: one read can empty it. Unit: bytes.
	readBufferBytes = 65_536

	// ringLooksPerClock is how often a ring is looked at between two looks at the clock, while polling. Unit: looks.
	ringLooksPerClock = 16

	// wakesPerRead is how many WAKEs are read at once. Unit: messages.
	wakesPerRead = 16

	// segmentBytesMax is the largest segment. Unit: bytes.
	segmentBytesMax = segmentCellsAt + 2*ringCellsMax*messageBytes

	// maxCallsDefault is how many calls a worker offers to run at once when nobody said. Unit: calls.
	maxCallsDefault = 1_024

	// maxCallsMax is the most that MaxCalls may say. Unit: calls.
	maxCallsMax = 65_535

	// outboxMessagesBatch is the outbox at the start: one full pipe.
	// Unit: messages.
	outboxMessagesBatch = 64

	// outboxMessagesHigh is where DATA begins to wait and LOG to be dropped; other messages go on. Unit: messages.
	outboxMessagesHigh = 256

	// outboxMessagesMax is where the worker gives up: such an engine does not read. Unit: messages.
	outboxMessagesMax = 16_384

	// outboxMessagesKept is the largest outbox that is kept once it is empty. Unit: messages.
	outboxMessagesKept = 1_024

	// callsWaitingMax bounds the internal calls that wait for the engine's limit on open INVOKEs. Unit: calls.
	callsWaitingMax = 65_536

	// namesCachedMax bounds the names whose ids are kept; beyond it one is forgotten. Unit: names.
	namesCachedMax = 4_096

	// namesWaitingMax bounds the names that wait for a RESOLVED. Unit: names.
	namesWaitingMax = 4_096

	// grantBatch is how many DATA messages a receiver consumes before it grants credit. Unit: messages.
	grantBatch = creditMax / 2

	// filesKeptBytesMax bounds the payload files that are kept to be written anew: fresh pages cost three times as much.
	// Unit: bytes.
	filesKeptBytesMax = 67_108_864

	// partBytesFirst is the first buffer of a payload whose length is not known. Unit: bytes.
	partBytesFirst = 4_096

	// inputChunkBytes is what CallStream reads at once of its input. Unit: bytes.
	inputChunkBytes = 16 * bodyBytes

	// inputBuffersBytesMax is the largest input buffer that is kept for another call. Unit: bytes.
	inputBuffersBytesMax = 65_536

	// logMessageBytesMax cuts the text of one log record. Unit: bytes.
	logMessageBytesMax = 16_384

	// logAttributesBytesMax bounds the JSON of one log record's attributes. Unit: bytes.
	logAttributesBytesMax = 16_384

	// The texts of a Failure are cut so that it stays well below what a cold message may have. Unit: bytes.
	failureCodeBytesMax    = 256
	failureMessageBytesMax = 16_384
	failureTypeBytesMax    = 256
	failureStackBytesMax   = 32_768

	// goodbyeBytesMax cuts the text of GOODBYE, which must fit one message. Unit: bytes.
	goodbyeBytesMax = 600

	// heldWait bounds how long a goroutine waits for the next message with the only processor held. It is longer than a
	// tick of the kernel's clock: a shorter time would have to set the hardware's timer for each message, which costs
	// microseconds on a virtual machine.
	heldWait = 5 * time.Millisecond

	// hotGap: messages that come within this time of one another make waiting for them with the processor held worth it.
	hotGap = time.Millisecond

	// fastWantedMin and fastWantedMax bound how many messages in a row must come within hotGap of one another before a
	// goroutine holds the processor for the next. Unit: messages.
	fastWantedMin = 2
	fastWantedMax = 4_096

	// stopHooksMax is the time that OnStop hooks may take when DRAIN says none.
	stopHooksMax = 5 * time.Second

	// lastWriteMax is the time to get the last messages into a full pipe before the process ends anyway.
	lastWriteMax = time.Second

	// deadlineSlack: a CANCEL that comes this near to the deadline, or later, is taken for the deadline's.
	deadlineSlack = 5 * time.Millisecond

	// timeoutUsMax is the longest time limit that the wire can carry. Unit: microseconds (71 minutes).
	timeoutUsMax = 0xffff_ffff
)

// The build fails here if a read buffer does not hold whole messages.
var _ = [1]struct{}{}[readBufferBytes%messageBytes]
