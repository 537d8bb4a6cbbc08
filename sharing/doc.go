// Package sharing says who may touch what: resources, share codes and shares.
package sharing
