// Package enginetest tests the SDK's fixture under the real engine, beside a Node worker. It needs the repository's
// Node, and fails without it.
package enginetest
