#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/findings.h"
#include "broker/spec/tree.h"
#include "sdk/base/value.h"

namespace scopa::spec {

/// A map of the sweep file with what is needed to talk about it.
struct Section {
  const Node& node;
  std::string path;
  Place place;  ///< of the key that holds it, for keys that are missing in it

  const Entry* find(std::string_view key) const { return node.find(key); }
  std::string at(std::string_view key) const { return join(path, key); }
};

/// Reports every key that is not among `allowed`, with the one that was probably meant.
void check_keys(const Section& section, std::span<const std::string_view> allowed,
                Findings* findings);

/// The same beside the search, where other programs keep what is theirs: an error only where one
/// of `allowed` was probably meant. Else the key is ignored with a warning, and without one where
/// its name begins with `.`, `_` or `x-`, as those of YAML's anchors do.
void check_keys_beside(const Section& section, std::span<const std::string_view> allowed,
                       Findings* findings);

/// Warns that a key is none of those that the section has, and ignored.
void warn_of_ignored_key(const Section& section, const Entry& entry, Findings* findings,
                         std::string help = {});

/// Reports one of them; `help` is the remedy where it is known better.
void add_unknown_key(const Section& section, const Entry& entry,
                     std::span<const std::string_view> allowed, Findings* findings,
                     std::string help = {});

/// Reports that `node` is not `wanted` ("an integer").
void add_wrong_type(const Node& node, const std::string& path, std::string_view wanted,
                    Findings* findings, std::string help = {});

/// Readers of one optional key: nothing when it is absent or wrong; what is wrong is reported.
std::optional<std::string> read_text(const Section& section, std::string_view key,
                                     Findings* findings);
std::optional<double> read_number(const Section& section, std::string_view key, Findings* findings);
/// Takes `5.0` for 5, as W&B does.
std::optional<std::int64_t> read_integer(const Section& section, std::string_view key,
                                         Findings* findings);
std::optional<bool> read_bool(const Section& section, std::string_view key, Findings* findings);
std::optional<std::string> read_word(const Section& section, std::string_view key,
                                     std::span<const std::string_view> words, Findings* findings);

/// Reports a value that is not one of `words`, with the one that was probably meant or `help`.
void add_unknown_word(const Node& node, const std::string& path,
                      std::span<const std::string_view> words, Findings* findings,
                      std::string help = {});

/// " did you mean `x`?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

/// A list or map becomes a Composite.
Value value_of(const Node& node);

/// "`a`, `b` or `c`".
std::string one_of(std::span<const std::string_view> words);

}  // namespace scopa::spec
