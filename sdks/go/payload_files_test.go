package millrace

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func filesIn(t *testing.T, directory string) int {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestPayloadFileIsWrittenAnewForItsOwnerAloneAtItsNewSize(t *testing.T) {
	files := &payloadFiles{directory: t.TempDir()}
	put := func(name string, content []byte) {
		if err := os.WriteFile(files.path(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("e1", bytes.Repeat([]byte{7}, 5_000))
	if whole, rule := files.read("e1", 5_000, "call 2"); rule != "" || len(whole) != 5_000 {
		t.Fatalf("read gave %d bytes and the rule %q", len(whole), rule)
	}
	if name := files.write([]byte("other"), "call 4"); name == "e1" || name == "" {
		t.Fatalf("another owner got the file %q", name)
	}
	if name := files.write([]byte("shorter"), "call 2"); name != "e1" {
		t.Fatalf("the owner got the file %q", name)
	}
	if found, err := os.ReadFile(files.path("e1")); err != nil || string(found) != "shorter" {
		t.Fatalf("the file has %q (%v)", found, err)
	}
}

func TestPayloadFilesKeptAreBoundedAndGoWithTheirOwner(t *testing.T) {
	files := &payloadFiles{directory: t.TempDir()}
	for i := range filesKeptMax + 3 {
		name := fmt.Sprintf("e%d", i)
		if err := os.WriteFile(files.path(name), []byte("hello"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, rule := files.read(name, 5, callOwner(uint32(i))); rule != "" {
			t.Fatal(rule)
		}
	}
	if count := filesIn(t, files.directory); count != filesKeptMax {
		t.Fatalf("%d files are kept", count)
	}
	for i := range filesKeptMax + 3 {
		files.release(callOwner(uint32(i)))
	}
	if count := filesIn(t, files.directory); count != 0 || files.keptBytes != 0 {
		t.Fatalf("%d files and %d bytes are left", count, files.keptBytes)
	}
}

func TestWhatIsNoPayloadFileIsRefusedByItsRuleAndNotLeft(t *testing.T) {
	for what, odd := range map[string]struct {
		rule string
		make func(path string) error
	}{
		"nothing":         {"file-regular", func(string) error { return nil }},
		"a symbolic link": {"file-regular", func(path string) error { return os.Symlink("/etc/hostname", path) }},
		"a FIFO":          {"file-regular", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
		"one byte less":   {"file-size-exact", func(path string) error { return os.WriteFile(path, []byte("hell"), 0o600) }},
		"one byte more":   {"file-size-exact", func(path string) error { return os.WriteFile(path, []byte("hello!"), 0o600) }},
		"a file with two links": {"file-regular", func(path string) error {
			if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
				return err
			}
			return os.Link(path, filepath.Join(t.TempDir(), "twin"))
		}},
	} {
		files := &payloadFiles{directory: t.TempDir()}
		if err := odd.make(files.path("odd")); err != nil {
			t.Fatal(err)
		}
		if _, rule := files.read("odd", 5, "call 2"); rule != odd.rule {
			t.Errorf("%s: the rule is %q, not %q", what, rule, odd.rule)
		}
		if count := filesIn(t, files.directory); count != 0 {
			t.Errorf("%s is left", what)
		}
	}
}
