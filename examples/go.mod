module github.com/hallpass-go/hallpass/examples

go 1.26.0

require (
	github.com/alecthomas/kong v1.17.0
	github.com/hallpass-go/hallpass v0.0.0
	github.com/hallpass-go/hallpass/store/pgstore v0.0.0
	github.com/hallpass-go/hallpass/store/sqlitestore v0.0.0
	github.com/swaggest/swgui v1.8.5
)

replace (
	github.com/hallpass-go/hallpass => ..
	github.com/hallpass-go/hallpass/store/pgstore => ../store/pgstore
	github.com/hallpass-go/hallpass/store/sqlitestore => ../store/sqlitestore
)
