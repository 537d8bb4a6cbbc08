// Package policy says who may sign up and how, which ways to sign in are on, and what is kept
// for how long: the settings that can be changed at run time.
//
// [Settings] are those in force, [Policy] is the part that everybody may know, and
// [SettingsPatch] changes some of them. The zero value of each field means its default, which
// is the safe one: nobody can sign up until somebody opens the door. The JSON forms are those
// of the HTTP contract, and the store keeps settings in the same form.
//
// The package holds values and no rules about who may change them. Package auth checks each
// patch against its Config, and keeps the settings in its store.
package policy
