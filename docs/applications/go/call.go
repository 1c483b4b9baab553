package paddlekey

import (
	"os"
	"regexp"
)

var deadKey = regexp.MustCompile(`"code"\s*:\s*"invalid_token"`)

// Call returns the status and the body of Paddle's answer. If Paddle refuses the key, it tries the one that is active
// now, then the old one. A refused request has done nothing: sending it again is safe.
func Call(method, path string, body []byte) (status int, answer []byte, err error) {
	tried := []string{inUse.Load().(string)}
	for {
		status, answer, err = send(tried[len(tried)-1], method, api()+path, body)
		// Paddle answers a dead key with 403, as it does a lack of permission.
		if status != 403 || !deadKey.Match(answer) || len(tried) == 3 {
			return status, answer, err
		}
		other, err := Reload(tried...)
		if other == "" {
			return status, answer, err
		}
		tried = append(tried, other)
	}
}

func api() string {
	if url := os.Getenv("PADDLE_API_URL"); url != "" {
		return url
	}
	return "https://api.paddle.com"
}
