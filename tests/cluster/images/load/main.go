// load sends requests at a steady rate, whatever the answers take (open loop), and counts what came back.
//
//	load -url http://127.0.0.1:16453 -host web.demo.test -path / -path /cart -rate 500 -for 2m
//
// Once a second, and at its end, it prints one JSON object with all counts since the start:
//
//	{"time": 1700000000.5, "due": 1000, "sent": 1000, "open": 2, "answers": {"1 200": 998}, "pods": {"web-x": {"200": 998}},
//	 "seen": {"1 200": [1699999990.512, 1700000000.498]}}
//
// `seen` is when an answer of its kind came first and last, with microseconds.
// An answer is called "VERSION CODE" by its header X-Version (without that header it is the gateway's own:
// "- CODE"), or "error WHY" where none came. `due` is what the rate asked for; `due` minus `sent` were left
// out because -open requests were waiting already. SIGTERM or SIGINT ends it early; without -for it runs until then.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	kindsMax  = 64      // different answers, and pods, that are told apart; the rest is "other"
	bodyMax   = 1 << 20 // bytes read of an answer
	rateMax   = 20000
	timeLimit = 10 * time.Second // for one request
)

type counts struct {
	Time    float64                   `json:"time"`
	Due     int                       `json:"due"`
	Sent    int                       `json:"sent"`
	Open    int                       `json:"open"`
	Answers map[string]int            `json:"answers"`
	Pods    map[string]map[string]int `json:"pods"`
	Seen    map[string][2]float64     `json:"seen"`
}

type tally struct {
	mu  sync.Mutex
	now counts
}

func (t *tally) answer(what, pod, code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Open--
	if _, known := t.now.Answers[what]; !known && len(t.now.Answers) >= kindsMax {
		what = "other"
	}
	t.now.Answers[what]++
	seen, at := t.now.Seen[what], float64(time.Now().UnixMicro())/1e6
	if seen[0] == 0 {
		seen[0] = at
	}
	seen[1] = at
	t.now.Seen[what] = seen
	if pod == "" {
		return
	}
	if _, known := t.now.Pods[pod]; !known {
		if len(t.now.Pods) >= kindsMax {
			pod = "other"
		}
		if t.now.Pods[pod] == nil {
			t.now.Pods[pod] = map[string]int{}
		}
	}
	t.now.Pods[pod][code]++
}

// take counts a request that is due, and says whether it may be sent.
func (t *tally) take(openMax int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Due++
	if t.now.Open >= openMax {
		return false
	}
	t.now.Sent++
	t.now.Open++
	return true
}

func (t *tally) print() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Time = float64(time.Now().UnixMilli()) / 1000
	line, err := json.Marshal(t.now)
	if err != nil {
		return
	}
	os.Stdout.Write(append(line, '\n'))
}

func why(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "error refused"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "error timeout"
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "error closed"
	}
	return "error other"
}

func ask(client *http.Client, url, host string) (what, pod, code string) {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return "error request", "", ""
	}
	request.Host = host
	response, err := client.Do(request)
	if err != nil {
		return why(err), "", ""
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, bodyMax)); err != nil {
		return "error body", "", ""
	}
	version := response.Header.Get("X-Version")
	if version == "" {
		version = "-"
	}
	code = strconv.Itoa(response.StatusCode)
	return version + " " + code, response.Header.Get("X-Pod"), code
}

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func main() {
	var paths list
	url := flag.String("url", "", "where to, without a path")
	host := flag.String("host", "", "Host header")
	flag.Var(&paths, "path", "path to ask for; given several times, they take turns (default /)")
	rate := flag.Float64("rate", 200, "requests a second")
	length := flag.Duration("for", 0, "how long (0: until stopped)")
	openMax := flag.Int("open", 1000, "most requests waiting for their answer at once")
	flag.Parse()
	if *url == "" || *rate <= 0 || *rate > rateMax || *openMax < 1 {
		fmt.Fprintf(os.Stderr, "load: needs -url, a -rate above 0 and at most %d, and -open above 0\n", rateMax)
		os.Exit(2)
	}
	if len(paths) == 0 {
		paths = list{"/"}
	}

	client := &http.Client{Timeout: timeLimit,
		Transport: &http.Transport{MaxIdleConns: *openMax, MaxIdleConnsPerHost: *openMax}}
	t := &tally{now: counts{Answers: map[string]int{}, Pods: map[string]map[string]int{}, Seen: map[string][2]float64{}}}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	go func() {
		for range time.Tick(time.Second) {
			t.print()
		}
	}()

	var open sync.WaitGroup
	start := time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		due := time.Duration(float64(n) / *rate * float64(time.Second))
		if *length > 0 && due >= *length {
			break
		}
		time.Sleep(time.Until(start.Add(due)))
		if !t.take(*openMax) {
			continue
		}
		path := paths[n%len(paths)]
		open.Add(1)
		go func() {
			defer open.Done()
			t.answer(ask(client, *url+path, *host))
		}()
	}
	open.Wait()
	t.print()
}
