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
	// files: payload-file was accepted; payloads of at least fileBytesMin bytes go in files then.
	files        bool
	fileBytesMin uint32
	// rings: shm-ring was accepted.
	rings bool
	// callsMax: calls at once. openInvokesMax: INVOKEs that may be open; 0: no internal calls.
	callsMax, openInvokesMax, openResolvesMax uint32
	// payloadBytesMax: bytes of the largest payload.
	payloadBytesMax uint32
}

// inFile says whether a payload of that many bytes goes in a file, where files are accepted.
func (w *welcome) inFile(bytes int) bool {
	return bytes >= int(w.fileBytesMin) && uint64(bytes) <= uint64(w.payloadBytesMax)
}

// Offered besides with a payload directory, and with a segment: rules file-offered and ring-offer.
const (
	featureFiles = "payload-file"
	featureRings = "shm-ring"
)

// featuresOf are the features that a worker offers, by what its launch gave it.
func featuresOf(hasFiles, hasRings bool) []string {
	features := slices.Clone(featuresOffered)
	if hasFiles {
		features = append(features, featureFiles)
	}
	if hasRings {
		features = append(features, featureRings)
	}
	return features
}

// helloOf is the body of HELLO: rules handshake-prefix and handshake-token.
func helloOf(functions []*function, features []string, token string, maxCalls int) []byte {
	hello := helloBody{
		token: token, features: features, maxCalls: uint32(maxCalls),
		software: software{name: "millrace-go", version: version, language: "go", runtime: runtime.Version()},
	}
	for _, f := range functions {
		hello.functions = append(hello.functions, functionOffer{f.name, f.timeoutUs})
	}
	return append(appendPrefix(nil, protocolVersion, protocolVersion), hello.encode()...)
}

// readWelcome reads the body of WELCOME: rules handshake-version, handshake-body, feature-offered, welcome-max-calls.
func readWelcome(body []byte, offered []string, offeredCalls int) (*welcome, *verdict) {
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
		if !slices.Contains(offered, feature) {
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
		capacity: slices.Contains(says.features, "capacity"), files: slices.Contains(says.features, featureFiles),
		rings: slices.Contains(says.features, featureRings), fileBytesMin: max(limits.minFileBytes, bodyBytes+1),
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
