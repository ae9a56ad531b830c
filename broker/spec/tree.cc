#include "broker/spec/tree.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "broker/spec/json_text.h"
#include "broker/spec/scalar.h"
#include "broker/spec/text_place.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Entry& entry : node.entries) count += count_nodes(entry.value);
  return count;
}

std::size_t depth_of(const Node& node) {
  std::size_t depth = 0;
  for (const Node& item : node.items) depth = std::max(depth, depth_of(item));
  for (const Entry& entry : node.entries) depth = std::max(depth, depth_of(entry.value));
  return depth + 1;
}

// Turns yaml-cpp's events into a tree. Once a bound is reached the rest is only skipped.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(Findings* findings) : findings_(findings) {}

  bool stopped() const { return stopped_; }
  std::optional<Node> take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) {
      stop(Rule::kYamlFeature, place_of(mark), "a second YAML document",
           "a sweep file is one document", "split the file, or remove the `---`");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place_of(mark);
    put(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(NodeType::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(NodeType::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Node> key;
    std::vector<Node> merges;
  };

  static Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

  void open(NodeType type, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void put(Node node, YAML::anchor_t anchor);
  void put_entry(Frame& frame, Node value);
  void merge(Frame& frame);
  bool spend(std::size_t nodes, std::size_t depth, Place place);
  void resolve(Node& node, const std::string& tag);
  void stop(Rule rule, Place place, std::string message, std::string label, std::string help) {
    if (!stopped_) {
      findings_->add(rule, {}, place, std::move(message), std::move(label), std::move(help));
    }
    stopped_ = true;
  }

  Findings* findings_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
  std::size_t nodes_ = 0;
  bool stopped_ = false;
};

void Builder::open(NodeType type, const YAML::Mark& mark, const std::string& tag,
                   YAML::anchor_t anchor) {
  if (!spend(0, 1, place_of(mark))) return;
  if (tag != "?" && tag != "!" && tag != std::string(kTagPrefix) + "map" &&
      tag != std::string(kTagPrefix) + "seq") {
    findings_->add(Rule::kYamlFeature, {}, place_of(mark), "unknown YAML tag `" + tag + "`", {},
                   "remove the tag");
  }
  Frame frame;
  frame.node.type = type;
  frame.node.place = place_of(mark);
  frame.anchor = anchor;
  frames_.push_back(std::move(frame));
}

void Builder::close() {
  if (stopped_ || frames_.empty()) return;
  merge(frames_.back());
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  put(std::move(frame.node), frame.anchor);
}

// The budget counts copies too: a few lines of nested aliases would expand to gigabytes.
bool Builder::spend(std::size_t nodes, std::size_t depth, Place place) {
  if (stopped_) return false;
  nodes_ += nodes;
  if (nodes_ > limits::kSpecNodesMax) {
    stop(Rule::kTooComplex, place,
         "more than " + std::to_string(limits::kSpecNodesMax) + " values in the file",
         "the limit is passed here", "aliases count as often as they are used");
  } else if (frames_.size() + depth > limits::kSpecDepthMax) {
    stop(Rule::kTooComplex, place,
         "nested deeper than " + std::to_string(limits::kSpecDepthMax) + " levels", {}, {});
  }
  return !stopped_;
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (stopped_) return;
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    stop(Rule::kYamlFeature, place_of(mark), "an alias stands inside its own anchor", {}, {});
    return;
  }
  if (!spend(count_nodes(found->second), depth_of(found->second), place_of(mark))) return;
  put(found->second, 0);
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       const std::string& text) {
  if (stopped_) return;
  Node node;
  node.place = place_of(mark);
  node.text = text;
  if (text.find('\0') != std::string::npos) {
    findings_->add_recent(Rule::kYamlFeature, {}, node.place, "a text with a NUL character in it",
                          "remove it: no program can be given one as an argument");
  }
  resolve(node, tag);
  put(std::move(node), anchor);
}

void Builder::resolve(Node& node, const std::string& tag) {
  node.type = NodeType::kText;
  node.quoted = tag != "?";
  if (tag == "!" || tag == std::string(kTagPrefix) + "str") return;
  const Scalar scalar = resolve_scalar(node.text);
  switch (scalar.kind) {
    case Scalar::Kind::kNull:
      node.type = NodeType::kNull;
      break;
    case Scalar::Kind::kBool:
      node.type = NodeType::kBool;
      node.boolean = scalar.boolean;
      break;
    case Scalar::Kind::kInteger:
      node.type = NodeType::kInteger;
      node.integer = scalar.integer;
      break;
    case Scalar::Kind::kReal:
      node.type = NodeType::kReal;
      node.real = scalar.real;
      break;
    case Scalar::Kind::kTooLarge:
      node.is_too_large = true;
      findings_->add(Rule::kNumberTooLarge, {}, node.place,
                     "`" + node.text + "` is a number that 64 bits cannot hold", {},
                     "quote it if it is meant as text");
      break;
    case Scalar::Kind::kText:
      break;
  }
  if (tag == "?" || node.is_too_large) return;
  node.quoted = false;
  if (tag == std::string(kTagPrefix) + "float" && node.type == NodeType::kInteger) {
    node.real = node.number();
    node.type = NodeType::kReal;
  }
  const bool kept = (tag == std::string(kTagPrefix) + "float" && node.type == NodeType::kReal) ||
                    (tag == std::string(kTagPrefix) + "int" && node.type == NodeType::kInteger) ||
                    (tag == std::string(kTagPrefix) + "bool" && node.type == NodeType::kBool) ||
                    (tag == std::string(kTagPrefix) + "null" && node.type == NodeType::kNull);
  if (!kept) {
    findings_->add(Rule::kYamlFeature, {}, node.place,
                   "YAML tag `" + tag + "` does not fit `" + node.text + "`", {}, "remove the tag");
  }
}

void Builder::put(Node node, YAML::anchor_t anchor) {
  if (!spend(1, 0, node.place)) return;
  if (anchor != 0) {
    if (!spend(count_nodes(node), 0, node.place)) return;
    anchors_.insert_or_assign(anchor, node);
  }
  if (frames_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = frames_.back();
  if (frame.node.type == NodeType::kList) {
    frame.node.items.push_back(std::move(node));
  } else if (!frame.key) {
    frame.key = std::move(node);
  } else {
    put_entry(frame, std::move(node));
  }
}

void Builder::put_entry(Frame& frame, Node value) {
  const Node key = std::move(*frame.key);
  frame.key.reset();
  if (key.type == NodeType::kList || key.type == NodeType::kMap) {
    findings_->add(Rule::kYamlFeature, {}, key.place, std::string(name_of(key.type)) + " as a key",
                   {}, "keys are plain words");
    return;
  }
  if (key.text == "<<" && !key.quoted) {
    if (value.type == NodeType::kMap) {
      frame.merges.push_back(std::move(value));
    } else if (value.type == NodeType::kList) {
      for (Node& item : value.items) frame.merges.push_back(std::move(item));
    } else {
      findings_->add(Rule::kYamlFeature, {}, key.place, "`<<` needs a map to merge", {},
                     "name an anchored map: `<<: *base`");
    }
    return;
  }
  // An absent value has no place of its own; the key is where a person looks for it.
  if (value.type == NodeType::kNull && value.text.empty()) value.place = key.place;
  frame.node.entries.push_back({key.text, key.place, std::move(value)});
}

// Reports repeated keys, then takes what the map's own keys do not override from its merges. Both
// through a sorted index: maps may have as many keys as the file has lines.
void Builder::merge(Frame& frame) {
  std::vector<Entry>& entries = frame.node.entries;
  std::unordered_map<std::string, Place> seen;
  seen.reserve(entries.size());
  for (const Entry& entry : entries) {
    const auto [first, is_new] = seen.emplace(entry.key, entry.key_place);
    if (is_new) continue;
    findings_->add(Rule::kRepeatedKey, entry.key, entry.key_place,
                   "`" + entry.key + "` is given twice",
                   "first in line " + std::to_string(first->second.line), "remove one of the two");
  }
  for (Node& from : frame.merges) {
    if (from.type != NodeType::kMap) {
      findings_->add(Rule::kYamlFeature, {}, from.place, "`<<` needs a map to merge", {}, {});
      continue;
    }
    for (Entry& entry : from.entries) {
      if (seen.emplace(entry.key, entry.key_place).second) entries.push_back(std::move(entry));
    }
  }
  frame.merges.clear();
}

// "yaml-cpp: error at line 3, column 5: illegal map value" to what a user can use.
void add_syntax_error(const YAML::ParserException& error, std::string_view text,
                      Findings* findings) {
  const Place place = {error.mark.line + 1, error.mark.column + 1};
  std::string help;
  const std::string_view line = line_at(text, place.line);
  if (line.find('\t') != std::string_view::npos &&
      line.find_first_not_of(" \t") > line.find('\t')) {
    help = "indent with spaces; YAML does not allow tabs there";
  } else if (error.msg.find("map") != std::string::npos) {
    help = "check the indentation, and quote text that has `: ` in it";
  }
  findings->add(Rule::kSyntax, {}, place, "not valid YAML: " + error.msg, "here", std::move(help));
}

}  // namespace

std::string_view name_of(NodeType type) {
  switch (type) {
    case NodeType::kNull:
      return "null";
    case NodeType::kBool:
      return "a boolean";
    case NodeType::kInteger:
      return "an integer";
    case NodeType::kReal:
      return "a real number";
    case NodeType::kText:
      return "text";
    case NodeType::kList:
      return "a list";
    case NodeType::kMap:
      return "a map";
  }
  return "?";
}

const Entry* Node::find(std::string_view key) const {
  const auto entry =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return entry == entries.end() ? nullptr : &*entry;
}

bool read_tree(std::string_view text, Node* root, Findings* findings) {
  if (text.size() > limits::kSpecBytesMax) {
    findings->add(Rule::kFileTooLarge, {}, {},
                  "the file has " + std::to_string(text.size()) + " bytes, more than " +
                      std::to_string(limits::kSpecBytesMax));
    return false;
  }
  if (const auto bad = first_non_text(text)) {
    findings->add(Rule::kNotText, {}, place_at(text, *bad), "the file is not UTF-8 text",
                  "this byte is no character", "save the file as UTF-8");
    return false;
  }
  Builder builder(findings);
  try {
    std::istringstream stream(is_json(text) ? with_joined_surrogates(text) : std::string(text));
    YAML::Parser parser(stream);
    while (!builder.stopped() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    if (!builder.stopped()) {
      findings->add(Rule::kTooComplex, {}, {error.mark.line + 1, error.mark.column + 1},
                    "nested too deeply");
    }
    return false;
  } catch (const YAML::ParserException& error) {
    if (!builder.stopped()) add_syntax_error(error, text, findings);
    return false;
  } catch (const std::exception& error) {
    findings->add(Rule::kSyntax, {}, {}, std::string("not valid YAML: ") + error.what());
    return false;
  }
  if (builder.stopped()) return false;
  std::optional<Node> read = builder.take_root();
  if (read) *root = std::move(*read);
  return true;
}

}  // namespace scopa::spec
