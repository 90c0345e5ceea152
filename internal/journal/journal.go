package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"dateline/internal/press"
)

const (
	segmentSize = 8 << 20
	// idlePart of a segment is written before it is cut when nothing is pending,
	// and before a new segment that could not be begun is tried again.
	idlePart = 8
)

// file is what a segment needs of *os.File.
type file interface {
	io.WriteCloser
	Truncate(size int64) error
}

// Journal is the journal of one life of a daemon. Its methods may be called
// from many goroutines.
type Journal struct {
	mu      sync.Mutex
	dir     string
	bootID  string
	segment int64 // size at which a new segment begins
	idle    int64 // size from which on it is cut when nothing is pending

	number int  // of the current segment
	file   file // the current segment
	size   int64
	limit  int64
	broken error // why nothing can be written any more

	// pending are the ids of this life that are not settled, with the record of
	// their end; nil before it.
	pending map[press.ID][]byte
	record  []byte // used again for each record
	past
}

// past are the segments before the current one.
type past struct {
	paths []string // oldest first
	// unproved says that what an earlier life wrote may be gone altogether. Until
	// Forget the segments of this life say so, too: should it end before, they must
	// not pass for a whole journal of that life.
	unproved bool
	// held says that some are of earlier lives. What is settled may then stand in
	// any later segment, so that none is removed alone.
	held    bool
	whole   bool              // they prove what they do not tell
	earlier map[press.ID]bool // what they told, and is not settled yet
}

// BootID names the time since the machine was last started; "" where it has no
// such name, so that nothing passes for the same boot.
func BootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// Open reads what an earlier life left in a folder, and begins a segment for
// this one. Nobody else may have the folder open.
func Open(dir, bootID string) (*Journal, press.Journalled, error) {
	return openWith(dir, bootID, segmentSize)
}

func openWith(dir, bootID string, segment int64) (*Journal, press.Journalled, error) {
	fail := func(err error) (*Journal, press.Journalled, error) {
		return nil, press.Journalled{}, fmt.Errorf("opening the journal: %w", err)
	}
	if len(bootID) > maxWord {
		return fail(fmt.Errorf("the name of this boot has %d bytes; at most %d are wanted", len(bootID), maxWord))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail(err)
	}
	numbers, err := segments(dir)
	if err != nil {
		return fail(err)
	}
	told, paths, err := readAll(dir, bootID, numbers)
	if err != nil {
		return fail(err)
	}
	j := &Journal{
		dir: dir, bootID: bootID, segment: segment, idle: segment / idlePart, pending: map[press.ID][]byte{},
		past: past{paths: paths, unproved: len(paths) == 0, held: len(paths) > 0, whole: told.SameBoot, earlier: maps.Clone(told.Begun)},
	}
	if len(numbers) > 0 {
		j.number = numbers[len(numbers)-1]
	}
	if err := j.beginSegment(); err != nil {
		return fail(err)
	}
	return j, told, nil
}

// readAll reads the segments in order, and cuts what breaks off at the end of
// the last one.
func readAll(dir, bootID string, numbers []int) (press.Journalled, []string, error) {
	r := newReading(bootID)
	var paths []string
	for i, n := range numbers {
		path := segmentPath(dir, n)
		last := i == len(numbers)-1
		f, err := os.Open(path)
		if err != nil {
			return press.Journalled{}, nil, err
		}
		length, torn := r.segment(filepath.Base(path), f, last)
		_ = f.Close() // it was only read
		switch {
		case torn && last && length == 0: // it holds nothing, not even a header
			err = os.Remove(path)
		case torn && last:
			err = os.Truncate(path, length)
			paths = append(paths, path)
		default:
			paths = append(paths, path)
		}
		if err != nil {
			return press.Journalled{}, nil, fmt.Errorf("cutting what breaks off at the end of the last segment: %w", err)
		}
	}
	// Without a segment there was no journal, or it is gone: no proof of anything.
	r.whole = r.whole && len(paths) > 0
	return r.journalled(), paths, nil
}

func segmentPath(dir string, n int) string {
	return filepath.Join(dir, fmt.Sprintf("journal-%06d", n))
}

// segments lists the numbers of the segments in a folder, in order.
func segments(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		var n int
		if _, err := fmt.Sscanf(e.Name(), "journal-%d", &n); err == nil && e.Name() == filepath.Base(segmentPath(dir, n)) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Begin writes that a message's data is about to leave. With an error nothing
// of it may be sent.
func (j *Journal) Begin(id press.ID) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.record = appendBegin(j.record[:0], id)
	if err := j.write(); err != nil {
		return fmt.Errorf("writing to the journal that delivery %s begins; nothing of it may be sent: %w", id, err)
	}
	j.pending[id] = nil
	delete(j.earlier, id)
	return nil
}

// End writes what became of a message that began.
func (j *Journal) End(id press.ID, o press.Outcome) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.record = appendEnd(j.record[:0], id, o)
	err := j.write()
	// Kept even so: the next segment begins with it.
	j.pending[id] = slices.Clone(j.record)
	if err != nil {
		return fmt.Errorf("writing to the journal what became of delivery %s: %w", id, err)
	}
	return nil
}

// Settled says that the store has the results of these ids, so that they need
// not be told again. It must be called before one of them begins anew; an id
// that has begun, and not ended, stays.
func (j *Journal) Settled(ids []press.ID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var known []press.ID
	for _, id := range ids {
		if j.pending[id] != nil || j.earlier[id] {
			known = append(known, id)
			delete(j.pending, id)
			delete(j.earlier, id)
		}
	}
	for some := range slices.Chunk(known, maxSettled) {
		j.record = appendSettled(j.record[:0], some)
		_ = j.write() // without it they are told again, which the store can bear
	}
	if j.held && j.whole && len(j.earlier) == 0 {
		_ = j.removePast() // Forget will try again
	}
	if len(j.pending) == 0 && len(j.paths) == 0 && j.size >= j.idle {
		j.cut()
	}
}

// Forget says that the store has taken all that it needed of earlier lives.
// An error says that their segments could not be removed, or that no new one
// could be begun where theirs were missing; then it is to be called again.
func (j *Journal) Forget() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.prove(); err != nil {
		return fmt.Errorf("beginning a journal that is whole: %w", err)
	}
	if err := j.removePast(); err != nil {
		return fmt.Errorf("removing what the journal holds of an earlier life: %w", err)
	}
	return nil
}

// prove begins a segment that proves what it does not tell, where those of this
// life did not: nothing of an earlier one is missing any more.
func (j *Journal) prove() error {
	if !j.unproved {
		return nil
	}
	j.unproved = false
	err := j.beginSegment()
	j.unproved = err != nil
	return err
}

// Close closes the current segment, which stays for the next Open.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("closing the journal: %w", err)
	}
	return nil
}

// write appends the record with one write(2), to a new segment when the
// current one is full.
func (j *Journal) write() error {
	if j.size >= j.limit && j.broken == nil {
		if err := j.beginSegment(); err != nil {
			j.limit = j.size + j.idle // the current one serves as well until then
		}
	}
	if j.broken != nil {
		return j.broken
	}
	n, err := j.file.Write(j.record)
	switch {
	case err == nil:
		j.size += int64(n)
	case n > 0:
		// Behind half a record no later one would be found.
		j.takeBack(j.file.Truncate(j.size))
	}
	return err
}

// takeBack breaks the journal when what was written in part could not be
// removed.
func (j *Journal) takeBack(err error) {
	if err != nil {
		j.broken = fmt.Errorf("the journal takes nothing more until the daemon is started anew, for what was written in part could not be taken back: %w", err)
	}
}

// header begins a segment. One without a boot's name proves nothing.
func (j *Journal) header() []byte {
	if j.unproved {
		return headerOf("")
	}
	return headerOf(j.bootID)
}

// beginSegment begins the next segment with all that is pending, whole or not
// at all, and puts the current one among the past. An end is not preceded by
// its beginning again: if the segment should break off between the two, the end
// in the segment before would be lost.
func (j *Journal) beginSegment() error {
	content := j.header()
	for id, end := range j.pending {
		if end == nil {
			content = appendBegin(content, id)
		}
		content = append(content, end...)
	}
	path := segmentPath(j.dir, j.number+1)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		_ = f.Close()               // it is not needed any more
		j.takeBack(os.Remove(path)) // it would pass for newer than the current one
		return err
	}
	if j.file != nil {
		_ = j.file.Close() // every write to it has been answered
		j.paths = append(j.paths, segmentPath(j.dir, j.number))
	}
	j.file, j.number, j.size = f, j.number+1, int64(len(content))
	j.limit = max(j.segment, 2*j.size)
	if !j.held {
		_ = j.removePast() // they are tried again with the next segment
	}
	return nil
}

// cut shortens the current segment to its header. If that fails, what stands
// behind it is settled all the same.
func (j *Journal) cut() {
	length := int64(len(j.header()))
	if err := j.file.Truncate(length); err == nil {
		j.size = length
	}
}

// removePast removes the past segments, the oldest first: what is settled in
// one of them stands in it or in a later one.
func (j *Journal) removePast() error {
	for len(j.paths) > 0 {
		if err := os.Remove(j.paths[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		j.paths = j.paths[1:]
	}
	j.held, j.earlier = false, nil
	return nil
}
