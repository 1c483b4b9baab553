// An application that passes /call/… on to Paddle.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"example.com/paddlekey"
)

func main() {
	if _, err := paddlekey.Reload(); err != nil {
		log.Fatal(err)
	}
	if os.Getenv("ROTATOR_URL") != "" {
		go paddlekey.Attest()
	}
	mux := http.NewServeMux()
	paddlekey.Endpoint(mux)
	mux.HandleFunc("/call/", call)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}

func call(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	status, answer, err := paddlekey.Call(r.Method, strings.TrimPrefix(r.URL.Path, "/call"), body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	w.Write(answer)
}
