package scopes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Compile makes one Schema from several models. Its error joins every problem: names that are
// malformed or declared twice, unknown scopes and kinds, and cycles with their path. A scope
// may imply one that accepts fewer kinds of filters; a filter of another kind then gives
// nothing of the implied scope.
func Compile(models ...Model) (*Schema, error) {
	s := &Schema{kinds: []Kind{{KindUser}, {KindGroup}}, ids: map[string]ID{}, unfiltered: &entry{all: true}}
	var errs []error
	for _, m := range models {
		for _, k := range m.Kinds {
			if err := s.addKind(k); err != nil {
				errs = append(errs, err)
			}
		}
		for _, d := range m.Scopes {
			if err := s.addScope(d); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, m := range models {
		errs = append(errs, s.extend(m.Extends)...)
	}
	slices.SortFunc(s.kinds, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.defs, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	if len(s.defs) >= 1<<16-1 {
		return nil, errors.New("compile scopes: too many scopes")
	}
	for i, d := range s.defs {
		s.ids[d.Name] = ID(i + 1)
	}
	errs = append(errs, s.link()...)
	errs = append(errs, s.close()...)
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("compile scopes: %w", err)
	}
	return s, nil
}

func (s *Schema) addKind(k Kind) error {
	if !validKind(k.Name) {
		return fmt.Errorf("kind %q: use 1 to 64 of a-z, 0-9 and . _ -, a letter first", k.Name)
	}
	if slices.Contains(s.kinds, k) {
		return fmt.Errorf("kind %q is declared twice, or built in", k.Name)
	}
	s.kinds = append(s.kinds, k)
	return nil
}

func (s *Schema) addScope(d Definition) error {
	if !validToken(d.Name) || strings.ContainsAny(d.Name, "!=") {
		return fmt.Errorf(
			"scope %q: a name has 1 to 255 of the characters of RFC 6749 scope tokens, without ! and =", d.Name,
		)
	}
	if _, taken := s.ids[d.Name]; taken {
		return fmt.Errorf("scope %q is declared twice", d.Name)
	}
	s.ids[d.Name] = 1 // a placeholder; Compile sets the real one
	s.defs = append(s.defs, d.clone())
	return nil
}

// extend adds to what declared scopes imply. Method link checks the names later.
func (s *Schema) extend(more map[string][]string) (errs []error) {
	for _, name := range slices.Sorted(maps.Keys(more)) {
		i := slices.IndexFunc(s.defs, func(d Definition) bool { return d.Name == name })
		if i < 0 {
			errs = append(errs, fmt.Errorf("scope %q is extended but not declared", name))
			continue
		}
		s.defs[i].Implies = append(s.defs[i].Implies, more[name]...)
	}
	return errs
}

// link checks the names that definitions refer to.
func (s *Schema) link() (errs []error) {
	s.takes = make([][]string, len(s.defs)+1)
	for i, d := range s.defs {
		for _, k := range d.Filters {
			if !slices.Contains(s.kinds, Kind{k}) {
				errs = append(errs, fmt.Errorf("scope %q: unknown kind %q%s", d.Name, k, suggest(k, s.kindNames())))
			}
		}
		s.takes[i+1] = d.Filters
		for _, name := range d.Implies {
			if _, ok := s.ids[name]; !ok {
				errs = append(errs, fmt.Errorf("scope %q implies unknown %q%s", d.Name, name, suggest(name, s.Names())))
			}
		}
	}
	return errs
}

// close computes everything that each scope implies, and finds cycles.
func (s *Schema) close() (errs []error) {
	s.implied = make([][]ID, len(s.defs)+1)
	state := make([]uint8, len(s.defs)+1) // 0 unseen, 1 on the path, 2 done
	var path []ID
	var visit func(id ID)
	visit = func(id ID) {
		if state[id] == 1 {
			errs = append(errs, fmt.Errorf("scopes imply each other: %s", s.cycle(path, id)))
			return
		}
		if state[id] == 2 {
			return
		}
		state[id], path = 1, append(path, id)
		all := []ID{id}
		for _, name := range s.defs[id-1].Implies {
			next, ok := s.ids[name]
			if !ok {
				continue // link has reported it
			}
			visit(next)
			all = append(all, s.implied[next]...)
		}
		slices.Sort(all)
		s.implied[id], state[id], path = slices.Compact(all), 2, path[:len(path)-1]
	}
	for i := range s.defs {
		visit(ID(i + 1))
	}
	return errs
}

// cycle prints the part of path that leads from id back to it.
func (s *Schema) cycle(path []ID, id ID) string {
	names := []string{}
	for _, p := range path[slices.Index(path, id):] {
		names = append(names, s.defs[p-1].Name)
	}
	return strings.Join(append(names, s.defs[id-1].Name), " -> ")
}
