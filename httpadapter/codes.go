package httpadapter

// oauthTable has the codes that exist only in answers in the form of RFC 6749.
var oauthTable = []known{
	{nil, 400, "invalid_request", "The request lacks a parameter, or one is not valid.", "See error_description."},
	{nil, 400, "unauthorized_client", "This way to sign in is switched off.", "See sign_in_methods of the policy."},
}

// fieldCode explains a reason code in the member errors.
type fieldCode struct{ Code, Text string }

var fieldCodes = []fieldCode{
	{"required", "The field is missing."},
	{"unknown_field", "There is no field with this name here."},
	{"wrong_type", "The value has the wrong JSON type, or is out of range."},
	{"invalid", "The value is not valid; detail says why."},
	{"unknown", "There is nothing with this value."},
	{"reserved", "The name is reserved for the site itself."},
	{"off", "Accounts of this site do not have this field."},
	{"forbidden", "You may not set the field."},
	{"unknown_scope", "There is no scope with this name."},
	{"unknown_kind", "There is no kind with this name to filter by."},
	{"filter_refused", "The scope can't be filtered by this kind."},
	{"empty_value", "The filter of a scope names nothing."},
	{"bad_value", "The filter of a scope has a value that is not valid."},
	{"trailing_bang", "Nothing follows the ! of a scope."},
	{"second_filter", "A scope has more than one filter."},
	{"above_ceiling", "You lack the scope in detail."},
	{"too_short", "The password has too few characters."},
	{"too_long", "The value is too long."},
	{"too_common", "The password is one of the most common ones."},
	{"too_guessable", "The password is too similar to a name or an address of the account."},
	{"breached", "The password is in a list of stolen passwords."},
}
