// Package paddlekey calls Paddle with the active key, and with the old one where Paddle refuses that.
package paddlekey

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// read looks into PADDLE_KEYS: an env file, or a folder with a file for each key; unset: into the environment.
func read(name string) string {
	place := os.Getenv("PADDLE_KEYS")
	if place == "" {
		return os.Getenv(name)
	}
	if text, err := os.ReadFile(filepath.Join(place, name)); err == nil {
		return strings.TrimSpace(string(text))
	}
	text, _ := os.ReadFile(place)
	line := regexp.MustCompile(`(?m)^\s*(?:export\s+)?` + name + `=["']?([^\s"'#]*)`)
	if found := line.FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return ""
}
