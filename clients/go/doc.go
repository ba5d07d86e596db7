// Package datastorage is the Go client of DataStorage, generated from openapi/data-storage-v1.yaml by `go generate`.
package datastorage

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../openapi/data-storage-v1.yaml
