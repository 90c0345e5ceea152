package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"dateline/internal/config"
)

// disksEvery is how often it is looked what is free.
const disksEvery = 30 * time.Second

// disk is one that must not get full, and whether it was low when last looked at.
type disk struct {
	name, folder string
	low, noted   bool
}

// disksOf are those of the state folder, and of a SQLite file that lies on another.
func disksOf(state, file string) []*disk {
	disks := []*disk{{name: "state folder", folder: state}}
	if file == "" {
		return disks
	}
	folder := filepath.Dir(file)
	if a, b := deviceOf(state), deviceOf(folder); a == nil || b == nil || *a != *b {
		disks = append(disks, &disk{name: "SQLite file", folder: folder})
	}
	return disks
}

func deviceOf(folder string) *uint64 {
	info, err := os.Stat(folder)
	if err != nil {
		return nil
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	device := uint64(s.Dev) //nolint:unconvert // it is another type elsewhere
	return &device
}

// freeIn is how many bytes a process may still write into a folder.
func freeIn(folder string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, fmt.Errorf("asking what is free in %s: %w", folder, err)
	}
	return s.Bavail * uint64(s.Bsize), nil //nolint:gosec // the size of a block is above 0
}

// watchDisks notes in the store where little is free, until the context ends.
func (d *daemon) watchDisks(ctx context.Context, c *config.Config) {
	disks := disksOf(c.State, d.office.store.File())
	tick := time.NewTicker(disksEvery)
	defer tick.Stop()
	for {
		for _, k := range disks {
			free, err := freeIn(k.folder)
			if err != nil {
				d.log.Error("a disk could not be looked at", "disk", k.name, "error", err)
				continue
			}
			d.lookout.metrics.Free(k.name, free)
			d.noteDisk(ctx, k, free, uint64(c.Watch.DiskLow)) //nolint:gosec // at least 8 MiB
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// noteDisk notes a change; what the store did not take is noted next time.
func (d *daemon) noteDisk(ctx context.Context, k *disk, free, least uint64) {
	low := k.judge(free, least)
	if low == k.low && k.noted {
		return
	}
	trouble := ""
	if low {
		trouble = fmt.Sprintf("%d MiB free, less than %d MiB", free>>20, least>>20)
	}
	k.low = low
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := d.office.store.RecordDisk(ctx, d.id, k.name, trouble, time.Now())
	if k.noted = err == nil; err != nil && ctx.Err() == nil {
		d.log.Error("how a disk stands could not be noted", "disk", k.name, "error", err)
	}
}

// judge tells whether a disk is low. One that was has to have a tenth more before
// it is not.
func (k *disk) judge(free, least uint64) bool {
	if k.low {
		least += least / 10
	}
	return free < least
}
