package millrace

import (
	"runtime"
	"slices"
)

// featuresOffered are the features that this SDK offers in HELLO.
var featuresOffered = []string{"internal-calls", "streaming", "log", "capacity"}

// welcome is what WELCOME says, with its bounds.
type welcome struct {
	functions []functionID
	features  []string
	streaming bool
	log       bool
	capacity  bool
	rings     bool
	// callsMax: calls at once. openInvokesMax: INVOKEs that may be open; 0: no internal calls.
	callsMax, openInvokesMax, openResolvesMax uint32
	// payloadBytesMax: bytes of the largest payload.
	payloadBytesMax uint32
}

// featureRings is offered besides when there is a segment: rule ring-offer.
const featureRings = "shm-ring"

func featuresOf(rings bool) []string {
	if rings {
		return append(slices.Clone(featuresOffered), featureRings)
	}
	return featuresOffered
}

// helloOf is the body of HELLO: rules handshake-prefix and handshake-token.
func helloOf(functions []*function, token string, maxCalls int, rings bool) []byte {
	hello := helloBody{
		token: token, features: featuresOf(rings), maxCalls: uint32(maxCalls),
		software: software{name: "millrace-go", version: version, language: "go", runtime: runtime.Version()},
	}
	for _, f := range functions {
		hello.functions = append(hello.functions, functionOffer{f.name, f.timeoutUs})
	}
	return append(appendPrefix(nil, protocolVersion, protocolVersion), hello.encode()...)
}

// readWelcome reads the body of WELCOME: rules handshake-version, handshake-body, feature-offered, welcome-max-calls.
func readWelcome(body []byte, offeredCalls int, offeredRings bool) (*welcome, *verdict) {
	lowest, highest, fault := readPrefix(body, "WELCOME")
	if fault != nil {
		return nil, fault
	}
	if lowest != highest || lowest != protocolVersion {
		return nil, broken("handshake-version", "WELCOME chooses version %d to %d; HELLO offered %d", lowest, highest, protocolVersion)
	}
	var says welcomeBody
	if err := says.decode(body[versionPrefixBytes:]); err != nil {
		return nil, broken("handshake-body", "WELCOME carries no Welcome")
	}
	for _, feature := range says.features {
		if !slices.Contains(featuresOf(offeredRings), feature) {
			return nil, broken("feature-offered", "WELCOME accepts %q, which HELLO did not offer", feature)
		}
	}
	limits := says.limits
	if limits.maxCalls == 0 || int64(limits.maxCalls) > int64(offeredCalls) {
		return nil, broken("welcome-max-calls", "WELCOME sets max_calls to %d; HELLO offered %d", limits.maxCalls, offeredCalls)
	}
	w := &welcome{
		functions: says.functions, features: says.features,
		streaming: slices.Contains(says.features, "streaming"), log: slices.Contains(says.features, "log"),
		capacity: slices.Contains(says.features, "capacity"), rings: slices.Contains(says.features, featureRings),
		callsMax: limits.maxCalls, openResolvesMax: limits.maxOpenResolves, payloadBytesMax: limits.maxPayloadBytes,
	}
	if slices.Contains(says.features, "internal-calls") {
		w.openInvokesMax = limits.maxOpenInvokes
	}
	return w, nil
}

// readGoodbye reads the body of GOODBYE. One that cannot be read is still a GOODBYE: the channel ends either way.
// well: no reason is given.
func readGoodbye(body []byte, status uint32) (says goodbyeBody, well bool) {
	if _, _, fault := readPrefix(body, "GOODBYE"); fault == nil {
		if err := says.decode(body[versionPrefixBytes:]); err == nil {
			return says, says.reason == 0 && status == 0
		}
	}
	return goodbyeBody{reason: ReasonProtocolError, message: "its GOODBYE could not be read"}, false
}
