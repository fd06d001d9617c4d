package millrace

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var sample = regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n\n```go\n(.*?)```")

func TestEverySampleOfTheReadmeIsInItsFile(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := sample.FindAllStringSubmatch(string(readme), -1)
	if blocks := strings.Count(string(readme), "```go\n"); len(found) != blocks || blocks == 0 {
		t.Errorf("%d of %d samples name their file", len(found), blocks)
	}
	for _, one := range found {
		code, err := os.ReadFile(one[1])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(code), one[2]) {
			t.Errorf("the sample of %s is not in it", one[1])
		}
	}
}
