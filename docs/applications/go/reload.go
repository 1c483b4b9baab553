package paddlekey

import (
	"errors"
	"sync/atomic"
)

var inUse atomic.Value

// Reload reads the keys; call it at the start. It takes the active key into use and returns it, or the old one if the
// active one was refused, or "" if there is no other.
func Reload(refused ...string) (string, error) {
	old := read("OLD_PADDLE_KEY") // Before the active one, which may replace it just now.
	key := read("ACTIVE_PADDLE_KEY")
	if key == "" {
		return "", errors.New("PADDLE_KEYS has no ACTIVE_PADDLE_KEY, or cannot be read")
	}
	isRefused := map[string]bool{"": true}
	for _, each := range refused {
		isRefused[each] = true
	}
	if isRefused[key] && !isRefused[old] {
		key = old
	}
	inUse.Store(key)
	if isRefused[key] {
		key = ""
	}
	return key, nil
}
