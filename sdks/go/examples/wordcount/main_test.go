package main

import (
	"context"
	"errors"
	"testing"

	"github.com/millrace-run/millrace-go"
	"github.com/millrace-run/millrace-go/millracetest"
)

func TestCountAddsUpItsTexts(t *testing.T) {
	engine := millracetest.Start(t, newApp())
	got, err := millracetest.Call[answer](t.Context(), engine, "count", request{Texts: []string{"to be", "or not to be"}})
	if err != nil || got.Words != 6 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCountOfNothingIsBadInput(t *testing.T) {
	engine := millracetest.Start(t, newApp())
	_, err := millracetest.Call[answer](t.Context(), engine, "count", request{})
	if !errors.Is(err, millrace.ReasonBadInput) {
		t.Errorf("the error is %v", err)
	}
}

func TestCountFailsWithItsPart(t *testing.T) {
	engine := millracetest.Start(t, newApp())
	engine.Fail(t, "count-text", 1, errors.New("no dictionary"))
	_, err := millracetest.Call[answer](t.Context(), engine, "count", request{Texts: []string{"one", "two"}})
	if !errors.Is(err, millrace.ReasonHandlerError) {
		t.Errorf("the error is %v", err)
	}
}

func TestCountTextIsAPlainFunction(t *testing.T) {
	if words, err := countText(context.Background(), "a handler is a function"); words != 5 || err != nil {
		t.Errorf("%d, %v", words, err)
	}
}

func TestNumberGivesItsLines(t *testing.T) {
	engine := millracetest.Start(t, newApp())
	got, err := millracetest.Call[[]struct{ Line int }](t.Context(), engine, "number", []byte("a\nb\n"))
	if err != nil || len(got) != 2 || got[1].Line != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}
