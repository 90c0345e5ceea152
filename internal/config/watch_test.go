package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestWatch(t *testing.T) {
	c, _ := with(t, `dateline.yaml
< senders:
> watch:
>   listen: 127.0.0.1:9125
>   disk_low: 64MiB
>   alarms:
>     webhook: https://alarms.example.org/${RELAY_PASSWORD}
>     webhook_key: ${RELAY_PASSWORD}
>     mail: {to: [ops@example.org], from: conference, relay: spare}
>     repeat: 1h
> senders:
`)
	want := Watch{Listen: "127.0.0.1:9125", DiskLow: 64 << 20, Alarms: Alarms{
		Webhook: NewSecret("https://alarms.example.org/relay%20secret"), Key: NewSecret("relay secret"),
		Mail: AlarmMail{To: []press.Address{"ops@example.org"}, From: "conference", Relay: "spare"}, Repeat: time.Hour,
	}}
	if !reflect.DeepEqual(c.Watch, want) {
		t.Errorf("watch is %+v, want %+v", c.Watch, want)
	}
	if shown := fmt.Sprintf("%v %+v %#v", c.Watch, c.Watch, c.Watch); strings.Contains(shown, "secret") || strings.Contains(shown, "alarms.example") {
		t.Errorf("printed, it shows its secrets: %s", shown)
	}
}

// An alarm may go to a server on this machine in plain HTTP, and nowhere else.
func TestWebhooksOfThisMachine(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://127.0.0.1:9000/x": true, "http://[::1]:9000/": true, "http://localhost/": true, "https://10.1.2.3/x?y=z": true,
		"http://10.1.2.3/": false, "http://example.org/": false, "ftp://example.org/": false, "https:///x": false, "https://x.example/#y": false,
	} {
		files := good(t)
		apply(t, files, "dateline.yaml\n< senders:\n> watch: {alarms: {webhook: \""+address+"\"}}\n> senders:\n")
		if got := faultLines(t, write(t, files)); (len(got) == 0) != ok {
			t.Errorf("%s: %v", address, got)
		} else if !ok && strings.Contains(got[0], address) {
			t.Errorf("the fault shows the address: %s", got[0])
		}
	}
}
