package millrace

import (
	"regexp"
	"strings"
	"testing"
)

var ruleInComment = regexp.MustCompile(`\b[Rr]ules? ((?:[a-z]+(?:-[a-z]+)+)(?:(?:, | and |, and )[a-z]+(?:-[a-z]+)+)*)`)
var ruleInCode = regexp.MustCompile(`broken\("([a-z-]+)"`)
var ruleWord = regexp.MustCompile(`[a-z]+(?:-[a-z]+)+`)

// rulesIn finds the ids of rules in a file's comments and verdicts.
func rulesIn(code string) (rules []string) {
	code = strings.ReplaceAll(code, "\n// ", " ")
	for _, found := range ruleInComment.FindAllStringSubmatch(code, -1) {
		rules = append(rules, ruleWord.FindAllString(found[1], -1)...)
	}
	for _, found := range ruleInCode.FindAllStringSubmatch(code, -1) {
		rules = append(rules, found[1])
	}
	return rules
}

// fields is a protobuf message as the vectors' JSON shows it: defaults are left out.
type fields map[string]any

func (f fields) text(name, value string) {
	if value != "" {
		f[name] = value
	}
}

func (f fields) number(name string, value uint32) {
	if value != 0 {
		f[name] = value
	}
}

func (f fields) list(name string, values []any) {
	if len(values) > 0 {
		f[name] = values
	}
}

func (f fields) message(name string, value fields) {
	if len(value) > 0 {
		f[name] = value
	}
}

func (f fields) reason(value Reason) {
	if info, known := reasons[value]; known {
		f["reason"] = "REASON_" + strings.ToUpper(info.name)
	} else {
		f.number("reason", uint32(value))
	}
}

func (s *software) fields() fields {
	f := fields{}
	f.text("name", s.name)
	f.text("version", s.version)
	f.text("language", s.language)
	f.text("runtime", s.runtime)
	return f
}

// meaningOf reads a body and writes it again; nil: a message that this package does not read.
func meaningOf(t *testing.T, kind string, body []byte) (f fields, again []byte) {
	t.Helper()
	f = fields{}
	var err error
	switch kind {
	case "Hello":
		var b helloBody
		err = b.decode(body)
		again = b.encode()
		f.text("token", b.token)
		var offers, features []any
		for _, offer := range b.functions {
			one := fields{}
			one.text("name", offer.name)
			one.number("timeout_us", offer.timeoutUs)
			offers = append(offers, one)
		}
		for _, feature := range b.features {
			features = append(features, feature)
		}
		f.list("functions", offers)
		f.list("features", features)
		f.number("max_calls", b.maxCalls)
		f.message("software", b.software.fields())
	case "Welcome":
		var b welcomeBody
		err = b.decode(body)
		again = b.encode()
		var functions, features []any
		for _, function := range b.functions {
			functions = append(functions, fields{"name": function.name, "id": function.id})
		}
		for _, feature := range b.features {
			features = append(features, feature)
		}
		f.list("functions", functions)
		f.list("features", features)
		limits := fields{}
		for at, name := range []string{"max_calls", "max_open_invokes", "max_open_resolves", "max_open_pings", "max_payload_bytes", "max_depth"} {
			limits.number(name, *b.limits.all()[at])
		}
		f.message("limits", limits)
		f.message("software", b.software.fields())
		f.number("worker_id", b.workerID)
	case "Goodbye":
		var b goodbyeBody
		err = b.decode(body)
		again = b.encode()
		f.reason(b.reason)
		f.text("message", b.message)
		f.text("rule", b.rule)
	case "Failure":
		var b failureBody
		err = b.decode(body)
		again = b.encode()
		f.reason(b.reason)
		f.text("code", b.code)
		f.text("message", b.message)
		f.text("error_type", b.errorType)
		f.text("stack", b.stack)
		f.text("function", b.function)
		f.text("retry", map[Retry]string{RetryYes: "RETRY_YES", RetryNo: "RETRY_NO"}[b.retry])
	case "Log":
		var b logBody
		err = b.decode(body)
		again = b.encode()
		f.text("level", map[uint32]string{logDebug: "LOG_LEVEL_DEBUG", logInfo: "LOG_LEVEL_INFO", logWarn: "LOG_LEVEL_WARN", logError: "LOG_LEVEL_ERROR"}[b.level])
		f.text("message", b.message)
		f.text("attributes_json", b.attributesJSON)
	default:
		return nil, nil
	}
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return f, again
}
