// Checks a log with Go's own transparency log code (golang.org/x/mod/sumdb): the checkpoint's signature, an inclusion
// proof for every entry, and a consistency proof from every earlier checkpoint that it is given.
//
// Usage: golog URL VKEY CHECKPOINT...
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func get(url string) []byte {
	response, err := http.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		log.Fatalf("%s: %s %v", url, response.Status, err)
	}
	return body
}

type tiles struct{ prefix string }

func (t tiles) Height() int                              { return 8 }
func (t tiles) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data = append(data, get(t.prefix+path))
	}
	return data, nil
}

func open(text []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		log.Fatalf("checkpoint: %v", err)
	}
	// sumdb's tree notes begin with a line of their own; a checkpoint begins with the log's origin.
	_, rest, _ := strings.Cut(opened.Text, "\n")
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	if err != nil {
		log.Fatalf("checkpoint: %v", err)
	}
	return tree
}

func entries(prefix string, size int64) [][]byte {
	var found [][]byte
	for n := int64(0); n*256 < size; n++ {
		path := fmt.Sprintf("tile/entries/%03d", n)
		if size < (n+1)*256 {
			path += fmt.Sprintf(".p/%d", size-n*256)
		}
		for data := get(prefix + path); len(data) > 0; {
			length := int(data[0])<<8 | int(data[1])
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
	}
	return found
}

func main() {
	prefix, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		log.Fatal(err)
	}
	tree := open(get(prefix+"checkpoint"), verifier)
	reader := tlog.TileHashReader(tree, tiles{prefix})
	for index, entry := range entries(prefix, tree.N) {
		proof, err := tlog.ProveRecord(tree.N, int64(index), reader)
		if err != nil {
			log.Fatalf("entry %d: %v", index, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), tlog.RecordHash(entry)); err != nil {
			log.Fatalf("entry %d: %v", index, err)
		}
	}
	for _, file := range os.Args[3:] {
		text, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		old := open(text, verifier)
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			log.Fatalf("%s: %v", file, err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			log.Fatalf("%s: %v", file, err)
		}
	}
	fmt.Printf("%d entries, %d earlier checkpoints\n", tree.N, len(os.Args)-3)
}
