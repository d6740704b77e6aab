// Prints the syntax tree of each program of a folder as a line of JSON. Arguments: folder, number of files.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
)

func structure(path string) any {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	tree := []string{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case nil:
			tree = append(tree, ")")
			return true
		case *ast.Ident:
			tree = append(tree, node.Name)
		case *ast.BasicLit:
			value, err := strconv.Unquote(node.Value)
			if err != nil {
				value = node.Value
			}
			tree = append(tree, value)
		default:
			tree = append(tree, fmt.Sprintf("%T", node))
		}
		return true
	})
	return tree
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	for number := range count {
		line, err := json.Marshal(structure(filepath.Join(os.Args[1], strconv.Itoa(number))))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
