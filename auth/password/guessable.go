package password

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxExtra = 8 // digits and signs that do not hide a word; a date has eight digits
	minPart  = 3 // code points from which a part of a word counts as a word
)

// guessable reports whether pw is one of words, or a part of one, with few changes. Rules.Check
// documents the rule.
func guessable(pw string, words []string) bool {
	for _, word := range words {
		word = norm.NFC.String(word)
		local, domain, _ := strings.Cut(word, "@")
		if hides(pw, word) || hides(pw, local) || hides(pw, domain) {
			return true
		}
		for _, part := range strings.FieldsFunc(word, isSign) {
			if utf8.RuneCountInString(part) >= minPart && hides(pw, part) {
				return true
			}
		}
	}
	return false
}

// hides reports whether pw is word, once or twice, plus at most maxExtra digits or signs.
// Nothing may surround a word without letters, such as a number; otherwise most numbers would
// be refused.
func hides(pw, word string) bool {
	have, want := core(pw), core(word)
	if same := strings.EqualFold(pw, word); same || want == "" {
		return same && word != ""
	}
	extra := maxExtra
	if !strings.ContainsFunc(want, unicode.IsLetter) {
		extra = 0
	}
	for _, form := range []string{want + want, want} {
		before, after, found := strings.Cut(have, form)
		if found && !strings.ContainsFunc(before+after, unicode.IsLetter) &&
			utf8.RuneCountInString(pw)-utf8.RuneCountInString(form) <= extra {
			return true
		}
	}
	return false
}

// core returns the letters and digits of s, in lower case.
func core(s string) string {
	return strings.Map(func(r rune) rune {
		if isSign(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func isSign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
