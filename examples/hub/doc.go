// Command hub is under construction here.
package main
