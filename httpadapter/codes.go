package httpadapter

// oauthTable are the codes that only answers in the form of RFC 6749 have.
var oauthTable = []known{
	{nil, 400, "invalid_request", "The request lacks a parameter, or one is not valid.", "See error_description."},
	{nil, 400, "unauthorized_client", "This way to sign in is switched off.", "See sign_in_methods of the policy."},
}

// fieldCode explains a code of the member errors.
type fieldCode struct{ Code, Text string }

var fieldCodes = []fieldCode{
	{"required", "The field is missing."},
	{"unknown_field", "There is no field of this name here."},
	{"wrong_type", "The value has the wrong JSON type, or is out of range."},
	{"invalid", "The value is not valid; detail says why."},
	{"unknown", "The value is none of those that exist."},
	{"reserved", "The name is kept for the site itself."},
	{"off", "Accounts of this site have no such field."},
	{"forbidden", "You may not set the field."},
	{"unknown_scope", "There is no scope of this name."},
	{"unknown_kind", "There is no kind of this name to filter by."},
	{"filter_refused", "The scope takes no filter of this kind."},
	{"empty_value", "The filter of a scope names nothing."},
	{"bad_value", "The filter of a scope has a value that is none."},
	{"trailing_bang", "Nothing follows the ! of a scope."},
	{"second_filter", "A scope has more than one filter."},
	{"above_ceiling", "detail is a scope that you would need."},
	{"too_short", "The password has too few characters."},
	{"too_long", "The value is too long."},
	{"too_common", "The password is one of the most common ones."},
	{"too_guessable", "The password is close to a name that others know."},
	{"breached", "The password is known from a breach."},
}
