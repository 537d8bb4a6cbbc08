package scopes_test

import (
	"errors"
	"strings"

	"github.com/hallpass-go/hallpass/scopes"
)

// These are the rules by which hallpass differs from the recorded reference.
const (
	ruleFilterRefused   = "filter-not-accepted"
	ruleMetascope       = "filtered-metascope"
	ruleUnknownFilter   = "unknown-filter"
	ruleTrailingBang    = "trailing-bang"
	ruleSecondBang      = "second-bang"
	ruleEmptyValue      = "empty-value"
	ruleBadValue        = "value-characters"
	ruleServerSlash     = "server-without-slash"
	ruleReduced         = "reduced-unions"
	ruleShareUnexpanded = "share-scopes-unexpanded"
	ruleShareForgotten  = "group-shares-forgotten"
	ruleFreeNames       = "free-names"
	ruleLongName        = "long-name"
	ruleFreeImplies     = "implies-any-scope"
	ruleLabelOptional   = "label-optional"
	ruleCycle           = "cycle"
	ruleRedeclared      = "redeclared"
	ruleRoleNames       = "role-names"
)

// rules gives the reason for each rule.
var rules = map[string]string{
	ruleFilterRefused: "a scope refuses filters that it does not declare; the reference drops or never matches them",
	ruleMetascope:     "self and inherit have no filtered form; in the reference it is an inert string",
	ruleUnknownFilter: "a filter of an unknown kind is refused everywhere; the reference's expansion lets it through",
	ruleTrailingBang:  "a ! with nothing behind it is refused; the reference reads it as unfiltered",
	ruleSecondBang:    "a value holds no !; the reference makes the second one part of the value",
	ruleEmptyValue:    "an empty value is refused by the parser; the reference finds out later, if at all",
	ruleBadValue:      "a value is made of RFC 6749 scope-token characters; the reference takes any",

	ruleServerSlash:     "a server without / has no owner in its name; the reference reads it as a user's or as any",
	ruleReduced:         "a set is reduced after every union; the reference keeps filtered forms that shares add",
	ruleShareUnexpanded: "shares mean the same to a session and a token; the reference expands them for sessions only",
	ruleShareForgotten:  "shares mean the same to a session and a token; for tokens, the reference forgets groups",
	ruleFreeNames:       "a host names its scopes freely; the reference wants custom: and a narrower alphabet",
	ruleLongName:        "a name has at most 255 bytes, as a value has",
	ruleFreeImplies:     "a scope may imply any declared scope; the reference wants both in one call",
	ruleLabelOptional:   "a label may be left out",
	ruleCycle:           "scopes that imply each other are refused; the reference recurses at use",
	ruleRedeclared:      "a scope is declared once; the reference takes the same declaration again",
	ruleRoleNames:       "package scopes has no roles, so their names are not judged here",
}

// refusal is a text that Parse refuses, and the rule that applies if the reference accepts it.
type refusal struct {
	text, code, rule string
}

func refuse(text string, err error) refusal {
	r := refusal{text: text}
	pe, ok := errors.AsType[*scopes.ParseError](err)
	if !ok {
		return r
	}
	r.code = pe.Code
	name, _, _ := strings.Cut(text, "!")
	switch pe.Code {
	case scopes.CodeFilterRefused:
		r.rule = ruleFilterRefused
		if name == "self" || name == "inherit" {
			r.rule = ruleMetascope
		}
	case scopes.CodeUnknownKind:
		r.rule = ruleUnknownFilter
	case scopes.CodeTrailingBang:
		r.rule = ruleTrailingBang
	case scopes.CodeSecondFilter:
		r.rule = ruleSecondBang
	case scopes.CodeEmptyValue:
		r.rule = ruleEmptyValue
	case scopes.CodeBadValue:
		r.rule = ruleBadValue
	}
	return r
}

// matches reports whether the reference's category of error fits the code.
func (r refusal) matches(category string) bool {
	switch category {
	case "unknown-scope":
		return r.code == scopes.CodeUnknownScope
	case "unknown-filter", "empty-filter":
		return r.code != scopes.CodeUnknownScope
	}
	return false
}

func ruleNames(refused []refusal) []string {
	var out []string
	for _, r := range refused {
		if r.rule != "" {
			out = append(out, r.rule)
		}
	}
	return out
}

// slashless reports whether a list has a server filter that names no owner.
func slashless(list []string) bool {
	for _, text := range list {
		if _, value, ok := strings.Cut(text, "!server="); ok && !strings.Contains(value, "/") {
			return true
		}
	}
	return false
}
