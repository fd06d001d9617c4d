package millrace

// judgeBody judges a whole cold body as a receiver of this package would, from either side.
func judgeBody(m message, sender side, body []byte) *verdict {
	info := typeTable[m.messageType()]
	if info.prefix {
		lowest, highest, fault := readPrefix(body, info.name)
		if fault != nil {
			return fault
		}
		shared := lowest <= protocolVersion && highest >= protocolVersion
		chosen := lowest == highest && lowest == protocolVersion
		if m.messageType() == typeHello && !shared || m.messageType() == typeWelcome && !chosen {
			return broken("handshake-version", "%d to %d", lowest, highest)
		}
		body = body[versionPrefixBytes:]
	}
	switch m.messageType() {
	case typeHello:
		var hello helloBody
		if hello.decode(body) != nil {
			return broken("handshake-body", "")
		}
		seen := map[string]bool{}
		for _, offer := range hello.functions {
			if !isFunctionName(offer.name) {
				return broken("name-form", "%q", offer.name)
			}
			if seen[offer.name] {
				return broken("handshake-functions-once", "%q", offer.name)
			}
			seen[offer.name] = true
		}
	case typeWelcome:
		var says welcomeBody
		if says.decode(body) != nil {
			return broken("handshake-body", "")
		}
	case typeGoodbye:
		var goodbye goodbyeBody
		if goodbye.decode(body) != nil {
			return broken("cold-body", "")
		}
		if info, known := reasons[goodbye.reason]; known && uint32(info.status) != m.status() || goodbye.reason == 0 && m.status() != 0 {
			return broken("goodbye-status", "")
		}
	case typeError:
		return judgeFailure(m, sender, body)
	case typeLog:
		var record logBody
		if record.decode(body) != nil {
			return broken("cold-body", "")
		}
	case typeLoad, typeLoaded, typeFork:
		if eachField(body, func(protoField) error { return nil }) != nil {
			return broken("cold-body", "")
		}
	}
	return nil
}

func judgeFailure(m message, sender side, body []byte) *verdict {
	var failure failureBody
	if failure.decode(body) != nil {
		return broken("error-body", "")
	}
	info, known := reasons[failure.reason]
	if !known || failure.reason == ReasonHandlerError {
		return nil
	}
	ofEngine := notAHandlers[failure.reason] && failure.reason != ReasonDraining && failure.reason != ReasonOverloaded
	if sender == sideWorker && ofEngine {
		return broken("error-reason-worker", "")
	}
	if uint32(info.status) != m.status() {
		return broken("error-status-of-reason", "")
	}
	return nil
}
