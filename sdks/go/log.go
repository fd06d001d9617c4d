package millrace

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// workerLog sends log records as LOG messages, or without the feature log as lines on standard error. Never waits: a
// record that finds the channel backed up is dropped (rule log-never-delays). Guarded by the channel's mu.
type workerLog struct {
	channel  *channel
	accepted bool
	say      func(line string)
	dropped  int
}

// Levels of the protocol's LogLevel.
const (
	logDebug uint32 = 1
	logInfo  uint32 = 2
	logWarn  uint32 = 3
	logError uint32 = 4
)

func logLevel(level slog.Level) uint32 {
	switch {
	case level < slog.LevelInfo:
		return logDebug
	case level < slog.LevelWarn:
		return logInfo
	case level < slog.LevelError:
		return logWarn
	}
	return logError
}

func (l *workerLog) write(level slog.Level, text, attributes string, call *servedCall) {
	if !l.accepted {
		l.say(fmt.Sprintf("%v %s %s", level, text, attributes))
		return
	}
	if l.channel.high() {
		l.dropped++
		return
	}
	if l.dropped > 0 {
		l.send(logWarn, "log records were dropped: the channel was backed up", fmt.Sprintf(`{"dropped":%d}`, l.dropped), 0)
		l.dropped = 0
	}
	id := uint32(0)
	if call != nil && !call.ended {
		id = call.id
	}
	l.send(logLevel(level), text, attributes, id)
}

func (l *workerLog) send(level uint32, text, attributes string, callID uint32) {
	if len(attributes) > logAttributesBytesMax {
		attributes = fmt.Sprintf(`{"attributesDropped":"%d bytes"}`, len(attributes))
	}
	record := logBody{level: level, message: cut(text, logMessageBytesMax), attributesJSON: cut(attributes, logAttributesBytesMax)}
	l.channel.sendCold(typeLog, record.encode(), func(m message) { m.setCallID(callID) })
}

// LogHandler is a slog.Handler that sends records to the engine. A record whose context is a handler's, as with
// slog.InfoContext, is tied to its call and trace. Never waits: a record that finds the channel backed up is dropped,
// and the next one that gets through says how many were. Text is cut at 16 KiB; attributes whose JSON is longer are
// replaced by a note. Without a serving worker, or when the engine takes no logs, records are lines on standard error.
//
//	slog.SetDefault(slog.New(millrace.NewLogHandler(nil)))
type LogHandler struct {
	shared *logBuffer
	json   slog.Handler
	level  slog.Leveler
}

type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// NewLogHandler makes a LogHandler. options, which may be nil, are those of slog.NewJSONHandler.
func NewLogHandler(options *slog.HandlerOptions) *LogHandler {
	own := slog.HandlerOptions{}
	if options != nil {
		own = *options
	}
	replace := own.ReplaceAttr
	own.ReplaceAttr = func(groups []string, attr slog.Attr) slog.Attr {
		// LOG has fields of its own for these, and the engine its own clock.
		if len(groups) == 0 && (attr.Key == slog.TimeKey || attr.Key == slog.LevelKey || attr.Key == slog.MessageKey) {
			return slog.Attr{}
		}
		if replace != nil {
			return replace(groups, attr)
		}
		return attr
	}
	shared := &logBuffer{}
	level := own.Level
	if level == nil {
		level = slog.LevelInfo
	}
	return &LogHandler{shared: shared, json: slog.NewJSONHandler(&shared.text, &own), level: level}
}

// Enabled says whether records of a level are sent.
func (h *LogHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle sends one record. Its error is that of an attribute that has no JSON.
func (h *LogHandler) Handle(ctx context.Context, record slog.Record) error {
	attributes, err := h.attributes(ctx, record)
	if err != nil {
		return err
	}
	call := callOf(ctx)
	var log *workerLog
	if call != nil {
		log = call.calls.log
	} else if w := defaultApp.worker.Load(); w != nil {
		w.channel.lock()
		log = w.log
		w.channel.release()
	}
	if log == nil {
		fmt.Fprintln(os.Stderr, record.Level, record.Message, attributes)
		return nil
	}
	log.channel.lock()
	log.write(record.Level, record.Message, attributes, call)
	log.channel.release()
	return nil
}

func (h *LogHandler) attributes(ctx context.Context, record slog.Record) (string, error) {
	h.shared.mu.Lock()
	defer h.shared.mu.Unlock()
	h.shared.text.Reset()
	if err := h.json.Handle(ctx, record); err != nil {
		return "", err
	}
	text := string(bytes.TrimSpace(h.shared.text.Bytes()))
	if text == "{}" {
		return "", nil
	}
	return text, nil
}

// WithAttrs makes a handler whose records all have these attributes.
func (h *LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &LogHandler{shared: h.shared, json: h.json.WithAttrs(attrs), level: h.level}
}

// WithGroup makes a handler whose records' attributes lie in a group.
func (h *LogHandler) WithGroup(name string) slog.Handler {
	return &LogHandler{shared: h.shared, json: h.json.WithGroup(name), level: h.level}
}
