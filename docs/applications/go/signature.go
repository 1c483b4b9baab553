package paddlekey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// isSigned judges as https://www.standardwebhooks.com has it. A notification that comes again does no harm.
func isSigned(header http.Header, body []byte) bool {
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("PADDLE_KEY_SECRET"), "whsec_"))
	sentAt, _ := strconv.ParseInt(header.Get("webhook-timestamp"), 10, 64)
	if err != nil || len(secret) < 24 || time.Since(time.Unix(sentAt, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.%s", header.Get("webhook-id"), sentAt, body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	signed := false
	for _, given := range strings.Fields(header.Get("webhook-signature")) {
		signed = signed || hmac.Equal([]byte(given), expected)
	}
	return signed
}
