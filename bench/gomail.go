package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
)

// goMailSend is go-mail's own send: each connection is dialled once and handed
// its share of the messages in one call. They are made before the clock starts,
// with a body that needs no encoding any more, so that only the sending counts.
func goMailSend(ctx context.Context, address string, n, bytes int) (time.Duration, error) {
	shares, err := goMailMessages(n, bytes)
	if err != nil {
		return 0, fmt.Errorf("making go-mail's messages: %w", err)
	}
	began := time.Now()
	failed := make([]error, len(shares))
	var sending sync.WaitGroup
	for i, share := range shares {
		sending.Go(func() { failed[i] = goMailShare(ctx, address, share) })
	}
	sending.Wait()
	if err := errors.Join(failed...); err != nil {
		return 0, fmt.Errorf("go-mail's own send: %w", err)
	}
	return time.Since(began), nil
}

func goMailShare(ctx context.Context, address string, share []*mail.Msg) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	// The library sets one deadline for a whole call of Send.
	client, err := mail.NewClient(host, mail.WithPort(number), mail.WithTLSPolicy(mail.NoTLS), mail.WithTimeout(10*time.Minute))
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = client.Close() }) // what it interrupts says so
	defer stop()
	return errors.Join(client.Send(share...), client.Close())
}

// goMailMessages makes n messages of so many bytes, a share for each connection.
func goMailMessages(n, bytes int) ([][]*mail.Msg, error) {
	bare, err := goMailMessage(0, "")
	if err != nil {
		return nil, err
	}
	header, err := bare.WriteTo(io.Discard)
	if err != nil {
		return nil, err
	}
	line := strings.Repeat("x", 74) + "\r\n"
	body := strings.Repeat(line, bytes/len(line)+1)[:max(0, bytes-int(header)-len("\r\n"))] + "\r\n"
	shares := make([][]*mail.Msg, connections)
	for i := range n {
		m, err := goMailMessage(i, body)
		if err != nil {
			return nil, err
		}
		shares[i%connections] = append(shares[i%connections], m)
	}
	return shares, nil
}

func goMailMessage(i int, body string) (*mail.Msg, error) {
	m := mail.NewMsg()
	m.Subject("Tashkent Declaration sums up ten years of joint action against terrorism")
	m.SetMessageIDWithValue(fmt.Sprintf("bench-%07d@conference.example", i))
	m.SetDate()
	m.SetBodyWriter(mail.TypeTextPlain, func(w io.Writer) (int64, error) {
		written, err := io.WriteString(w, body)
		return int64(written), err
	}, mail.WithPartEncoding(mail.NoEncoding))
	return m, errors.Join(m.From("bench@conference.example"), m.To(fmt.Sprintf("reader.%07d@newsroom.example", i)))
}
