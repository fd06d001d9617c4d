module github.com/millrace-run/millrace-go

go 1.24
