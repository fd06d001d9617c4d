package millrace

// The bodies of HELLO and WELCOME: proto/millrace/v1/handshake.proto, by hand.

type helloBody struct {
	token     string
	functions []functionOffer
	features  []string
	maxCalls  uint32
	software  software
}

type functionOffer struct {
	name      string
	timeoutUs uint32
}

type software struct{ name, version, language, runtime string }

type welcomeBody struct {
	functions []functionID
	features  []string
	limits    welcomeLimits
	software  software
	workerID  uint32
}

type functionID struct {
	name string
	id   uint32
}

type welcomeLimits struct {
	maxCalls, maxOpenInvokes, maxOpenResolves, maxOpenPings, maxPayloadBytes, maxDepth, minFileBytes uint32
}

func (h *helloBody) encode() []byte {
	to := appendText(nil, 1, h.token)
	for _, offer := range h.functions {
		to = appendMessage(to, 2, appendNumber(appendText(nil, 1, offer.name), 2, offer.timeoutUs))
	}
	for _, feature := range h.features {
		to = appendText(to, 3, feature)
	}
	to = appendNumber(to, 4, h.maxCalls)
	return appendMessage(to, 5, h.software.encode())
}

func (h *helloBody) decode(from []byte) error {
	return eachField(from, func(f protoField) error {
		switch f.number {
		case 1:
			return f.asText(&h.token)
		case 2:
			var offer functionOffer
			err := f.asMessage(offer.take)
			h.functions = append(h.functions, offer)
			return err
		case 3:
			var feature string
			err := f.asText(&feature)
			h.features = append(h.features, feature)
			return err
		case 4:
			return f.asNumber(&h.maxCalls)
		case 5:
			return f.asMessage(h.software.take)
		}
		return nil
	})
}

func (o *functionOffer) take(f protoField) error {
	switch f.number {
	case 1:
		return f.asText(&o.name)
	case 2:
		return f.asNumber(&o.timeoutUs)
	}
	return nil
}

func (s *software) encode() []byte {
	to := appendText(nil, 1, s.name)
	to = appendText(to, 2, s.version)
	to = appendText(to, 3, s.language)
	return appendText(to, 4, s.runtime)
}

func (s *software) take(f protoField) error {
	switch f.number {
	case 1:
		return f.asText(&s.name)
	case 2:
		return f.asText(&s.version)
	case 3:
		return f.asText(&s.language)
	case 4:
		return f.asText(&s.runtime)
	}
	return nil
}

func (w *welcomeBody) encode() []byte {
	var to []byte
	for _, function := range w.functions {
		to = appendMessage(to, 1, appendNumber(appendText(nil, 1, function.name), 2, function.id))
	}
	for _, feature := range w.features {
		to = appendText(to, 2, feature)
	}
	to = appendMessage(to, 3, w.limits.encode())
	to = appendMessage(to, 4, w.software.encode())
	return appendNumber(to, 5, w.workerID)
}

func (w *welcomeBody) decode(from []byte) error {
	return eachField(from, func(f protoField) error {
		switch f.number {
		case 1:
			var function functionID
			err := f.asMessage(function.take)
			w.functions = append(w.functions, function)
			return err
		case 2:
			var feature string
			err := f.asText(&feature)
			w.features = append(w.features, feature)
			return err
		case 3:
			return f.asMessage(w.limits.take)
		case 4:
			return f.asMessage(w.software.take)
		case 5:
			return f.asNumber(&w.workerID)
		}
		return nil
	})
}

func (i *functionID) take(f protoField) error {
	switch f.number {
	case 1:
		return f.asText(&i.name)
	case 2:
		return f.asNumber(&i.id)
	}
	return nil
}

func (l *welcomeLimits) all() [7]*uint32 {
	return [7]*uint32{&l.maxCalls, &l.maxOpenInvokes, &l.maxOpenResolves, &l.maxOpenPings, &l.maxPayloadBytes, &l.maxDepth, &l.minFileBytes}
}

func (l *welcomeLimits) encode() (to []byte) {
	for at, limit := range l.all() {
		to = appendNumber(to, uint64(at)+1, *limit)
	}
	return to
}

func (l *welcomeLimits) take(f protoField) error {
	limits := l.all()
	if int(f.number) > len(limits) {
		return nil
	}
	return f.asNumber(limits[f.number-1])
}
