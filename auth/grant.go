package auth

// A Grant is one way in which a role reaches somebody, where the id of a role that they hold
// directly does not tell it all: the role is a group's, or was made at run time.
type Grant struct {
	Group  GroupID // that holds the role; empty where the person or the service does
	Role   RoleID
	Name   string   // of a role made at run time; else empty
	Scopes []string // of a role made at run time, as stored; else nil
}
