module github.com/millrace-run/millrace/bench/workers/go

go 1.24

require github.com/millrace-run/millrace-go v0.1.0

replace github.com/millrace-run/millrace-go => ../../../sdks/go
