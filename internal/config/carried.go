package config

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	_ "image/gif"  // so that their sizes can be read
	_ "image/jpeg" // as above
	_ "image/png"  // as above
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"dateline/internal/markdown"
	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// What a mail may carry. Many receivers refuse 20 MB, and base64 makes a third
// more of each file.
const (
	maxPicture    = 1 << 20
	maxAttachment = 10 << 20
	maxCarried    = 14 << 20
)

// attachmentTypes are the files that may be attached, by the end of their
// names, with the media type that their content must have.
func attachmentTypes() map[string]string {
	return map[string]string{
		".pdf":  "application/pdf",
		".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
		".odt":  "application/vnd.oasis.opendocument.text",
		".ods":  "application/vnd.oasis.opendocument.spreadsheet",
		".jpg":  "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
		".txt": "text/plain", ".csv": "text/csv",
	}
}

// pictureTypes are those that mail programs show.
func pictureTypes() map[string]string {
	return map[string]string{".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif"}
}

// fileName is a file as something names it.
type fileName struct {
	at   yamlfile.Node
	name string
}

func (r *reader) fileNames(n yamlfile.Node) []fileName {
	var names []fileName
	for _, item := range items(n, "files") {
		name, ok := r.line(item)
		if ok && slices.ContainsFunc(names, func(f fileName) bool { return f.name == name }) {
			item.Fault("`"+shown(name)+"` stands here a second time", "once is enough")
		} else if ok {
			names = append(names, fileName{item, name})
		}
	}
	return names
}

// carriedFiles reads what the mails of a release carry, each file once.
type carriedFiles struct {
	r      *reader
	folder string
	into   *Folder
	files  []press.File
	failed map[string]bool // could not be read, which was told
}

func (r *reader) carried(folder string, into *Folder) *carriedFiles {
	return &carriedFiles{r: r, folder: folder, into: into, failed: map[string]bool{}}
}

// complaint tells a fault of a file where it is named.
type complaint func(what, want string)

// release reads what every mail carries.
func (c *carriedFiles) release(d *releaseDraft) {
	for _, f := range slices.Concat(d.papers, d.files) {
		c.read(f.name, attachmentTypes(), maxAttachment, f.at.Fault)
	}
}

// edition reads what the mails of an edition carry beside that, and looks at
// the whole of it.
func (c *carriedFiles) edition(e *editionDraft, d *releaseDraft) {
	var total int
	names := map[string]string{} // as the mail has them -> within the folder
	add := func(name string, at complaint) {
		f, ok := c.file(name)
		if !ok {
			return
		}
		base := strings.ToLower(path.Base(name))
		if other, taken := names[base]; taken && other != name {
			at(fmt.Sprintf("%s and %s have one name in the mail", other, name), "each file of a mail has a name of its own")
		} else if !taken {
			total += len(f.Data)
		}
		names[base] = name
	}
	for _, f := range slices.Concat(d.papers, d.files) {
		add(f.name, f.at.Fault)
	}
	for _, f := range d.files {
		e.Attachments = append(e.Attachments, f.name)
	}
	for _, f := range e.files {
		c.read(f.name, attachmentTypes(), maxAttachment, f.at.Fault)
		add(f.name, f.at.Fault)
		if !slices.Contains(e.Attachments, f.name) {
			e.Attachments = append(e.Attachments, f.name)
		}
	}
	for _, p := range markdown.Pictures(e.Body) {
		at := func(what, want string) {
			c.r.faults = append(c.r.faults, press.Fault{
				File: c.r.path(path.Join(c.folder, e.File)), Line: max(e.BodyLine, 1) + p.Line, Column: p.Column, What: what, Want: want,
			})
		}
		if p.Remote() {
			continue // compose says so, with the other faults of the text
		}
		c.read(p.File, pictureTypes(), maxPicture, at)
		add(p.File, at)
	}
	if total > maxCarried {
		c.r.fileFault(path.Join(c.folder, e.File), fmt.Sprintf("its mail would carry %s of files", megabytes(total)), "at most "+megabytes(maxCarried)+" together are wanted; link to the rest, as `background` with a `url`")
	}
}

func (c *carriedFiles) file(name string) (press.File, bool) {
	i, ok := slices.BinarySearchFunc(c.files, name, func(f press.File, name string) int { return cmp.Compare(f.Name, name) })
	if !ok {
		return press.File{}, false
	}
	return c.files[i], true
}

// read takes a file up, once.
func (c *carriedFiles) read(name string, types map[string]string, most int, fault complaint) {
	if _, ok := c.file(name); ok || c.failed[name] {
		return
	}
	f, what, want := c.check(name, types, most)
	if what != "" {
		c.failed[name] = true
		fault(what, want)
		return
	}
	c.into.Sources[name] = f.Data
	i, _ := slices.BinarySearchFunc(c.files, name, func(f press.File, name string) int { return cmp.Compare(f.Name, name) })
	c.files = slices.Insert(c.files, i, f)
}

// check reads a file and says what is wrong with it.
func (c *carriedFiles) check(name string, types map[string]string, most int) (f press.File, what, want string) {
	if path.Clean(name) != name || path.IsAbs(name) || strings.HasPrefix(name, "..") || strings.Contains(name, `\`) {
		return f, "`" + shown(name) + "` is no file of the release's folder", "a name such as declaration.pdf or papers/declaration.pdf is wanted"
	}
	end := strings.ToLower(path.Ext(name))
	kind, known := types[end]
	if !known {
		return f, "`" + shown(name) + "` is of no kind that is carried", "a name that ends in " + strings.Join(slices.Sorted(maps.Keys(types)), ", ") + " is wanted"
	}
	file := path.Join(c.folder, name)
	info, err := c.r.root.Stat(file)
	switch {
	case err != nil:
		return f, shown(name) + ": " + c.r.unreadable(file, err), ""
	case !info.Mode().IsRegular():
		return f, shown(name) + " is no regular file", ""
	case info.Size() > int64(most):
		return f, fmt.Sprintf("%s has %s", shown(name), megabytes(int(info.Size()))), "at most " + megabytes(most) + " are wanted: a smaller file, or a link to it"
	case info.Size() == 0:
		return f, shown(name) + " is empty", ""
	}
	data, err := c.bytes(file, most)
	if err != nil {
		return f, fmt.Sprintf("%s cannot be read: %v", shown(name), err), ""
	}
	if found := mimetype.Detect(data); !found.Is(kind) && (!strings.HasPrefix(kind, "text/") || !strings.HasPrefix(found.String(), "text/")) {
		return f, fmt.Sprintf("%s holds %s", shown(name), strings.Split(found.String(), ";")[0]), "a file whose name ends in " + end + " holds " + kind
	}
	switch {
	case strings.HasPrefix(kind, "text/") && !utf8.Valid(data):
		return f, shown(name) + " is not UTF-8", "save it as UTF-8"
	case strings.HasPrefix(kind, "image/"):
		if _, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil {
			return f, fmt.Sprintf("%s cannot be shown: %v", shown(name), err), ""
		}
	}
	return press.File{Name: name, Type: kind, Data: data}, "", ""
}

func (c *carriedFiles) bytes(file string, most int) ([]byte, error) {
	f, err := c.r.root.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from: nothing can be lost by closing
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("it grows beyond %s", megabytes(most))
	}
	return data, err
}

func megabytes(n int) string {
	if n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// checkAbout gives each edition of a correction the headline of the text that
// it corrects.
func checkAbout(folders []Folder) {
	for i := range folders {
		f := &folders[i]
		if f.About == "" || f.Kind != press.Correction {
			continue
		}
		j := slices.IndexFunc(folders, func(o Folder) bool { return o.Slug == f.About && o.Slug != f.Slug })
		if j < 0 {
			var others []string
			for _, o := range folders {
				if o.Slug != f.Slug {
					others = append(others, o.Slug)
				}
			}
			f.about.Fault("there is no release `"+shown(f.About)+"` to correct", DidYouMean(f.About, others, "the others are"))
			continue
		}
		for k, e := range f.Editions {
			if about, ok := folders[j].Edition(e.Lang); ok {
				f.Editions[k].About = about.Headline
			}
		}
	}
}
