#pragma once

#include <string>
#include <string_view>

#include "sdk/base/value.h"

/// A configuration as a file that a program reads. to_json(params) is the flat
/// JSON form.
namespace scopa {

/// `lr: 0.1`, a line for each parameter, with its dotted name.
std::string to_yaml(const Params& params);

/// Groups as objects in objects, in the order of their first parameters:
/// `{"optimizer":{"lr":0.1},"layers":3}`. A dotted name that has no such place
/// (`a` and `a.b` both have a value) stays as it is.
std::string to_nested_json(const Params& params);

/// The same in YAML's block style, two spaces deep for each level. Lines end in
/// '\n'.
std::string to_nested_yaml(const Params& params);

}  // namespace scopa
