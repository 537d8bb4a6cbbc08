package httpadapter

// CheckRoutesWith checks a table with one route that nobody declared the access of.
func CheckRoutesWith(method, path string) error {
	return checkRoutes([]route{{method: method, path: path, status: 200, summary: "x", handler: on(readPolicy)}})
}

// CleanJSON is cleanJSON, for the fuzz target.
var CleanJSON = cleanJSON
