package paddlekey

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
)

// Endpoint tells the rotator which key is in use, and reads the keys again when it notifies.
func Endpoint(mux *http.ServeMux) {
	mux.HandleFunc("/paddle-key", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"fingerprint":%q}`, Fingerprint())
	})
	mux.HandleFunc("/paddle-key/reload", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 16_384))
		status := http.StatusNoContent
		if err != nil || r.Method != http.MethodPost || !isSigned(r.Header, body) {
			status = http.StatusUnauthorized
		} else if _, err := Reload(); err != nil {
			status = http.StatusInternalServerError
		}
		w.WriteHeader(status)
	})
}

// Fingerprint is what may be shown of the key in use.
func Fingerprint() string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(inUse.Load().(string))))[:23]
}
