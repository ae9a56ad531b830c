#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/findings.h"

namespace scopa::spec {

enum class NodeType : std::uint8_t { kNull, kBool, kInteger, kReal, kText, kList, kMap };

/// "an integer", "a list" ... for messages.
std::string_view name_of(NodeType type);

struct Entry;

/// One value of a sweep file, with its place. Aliases and merge keys have been resolved.
struct Node {
  NodeType type = NodeType::kNull;
  bool quoted = false;        ///< a scalar in quotes or a block, or tagged !!str
  bool is_too_large = false;  ///< a number that no type holds, as text; it has been reported
  Place place;
  union {
    bool boolean;
    std::int64_t integer;
    double real = 0;
  };
  std::string text;            ///< every scalar as it stands in the file
  std::vector<Node> items;     ///< kList
  std::vector<Entry> entries;  ///< kMap, in the order of the file

  bool is_number() const { return type == NodeType::kInteger || type == NodeType::kReal; }
  double number() const;
  const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place key_place;
  Node value;
};

inline double Node::number() const {
  return type == NodeType::kInteger ? static_cast<double>(integer) : real;
}

/// Reads YAML or JSON into a tree. False when there is no tree to go on with; why is in `findings`.
/// Never throws. Bounded in size, depth and number of nodes, aliases expanded.
bool read_tree(std::string_view text, Node* root, Findings* findings);

}  // namespace scopa::spec
