#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace scopa::cli {

struct Context;

/// What a command takes, declared once: the parser, `--help` and shell completion read it here. The
/// targets must outlive the parse; commands keep them in a shared_ptr that their action holds.
///
///     args.positional("SWEEP", &o->sweep, "id, prefix, name or @last");
///     args.number("-n,--lines", "N", &o->lines, "how many rows");
///     args.example("scopa trials -n 5", "the five best trials of the last sweep");
///     args.action([o](Context& c) { return run(c, *o); });
class Args {
 public:
  struct Item {
    std::string names;        ///< "-n,--lines", or a positional's placeholder
    std::string placeholder;  ///< "N"; empty for a flag
    std::string help;
    std::vector<std::string> choices;
    bool positional = false;
    bool required = false;
    bool many = false;
  };
  struct Example {
    std::string line;
    std::string says;
  };

  explicit Args(CLI::App* app) : app_(app) {}

  void description(std::string text) { description_ = std::move(text); }
  void positional(const std::string& placeholder, std::string* to, const std::string& help);
  void optional_positional(const std::string& placeholder, std::string* to,
                           const std::string& help);
  void positionals(const std::string& placeholder, std::vector<std::string>* to,
                   const std::string& help);
  /// None or more.
  void optional_positionals(const std::string& placeholder, std::vector<std::string>* to,
                            const std::string& help);
  void flag(const std::string& names, bool* to, const std::string& help);
  void text(const std::string& names, const std::string& placeholder, std::string* to,
            const std::string& help);
  void texts(const std::string& names, const std::string& placeholder, std::vector<std::string>* to,
             const std::string& help);
  /// Of a whole number that an option takes. `least` is 1 where 0 would mean "not given".
  struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = INT64_MAX;
  };
  void number(const std::string& names, const std::string& placeholder, std::uint64_t* to,
              const std::string& help, Range range);
  void choice(const std::string& names, const std::string& placeholder, std::string* to,
              std::vector<std::string> choices, const std::string& help);
  void example(std::string line, std::string says) {
    examples_.push_back({std::move(line), std::move(says)});
  }
  void action(std::function<int(Context&)> act) { action_ = std::move(act); }

  CLI::App* app() const { return app_; }
  const std::string& description() const { return description_; }
  const std::vector<Item>& items() const { return items_; }
  const std::vector<Example>& examples() const { return examples_; }
  const std::function<int(Context&)>& action() const { return action_; }

 private:
  CLI::App* app_;
  std::string description_;
  std::vector<Item> items_;
  std::vector<Example> examples_;
  std::function<int(Context&)> action_;
};

/// What is wrong with a text as a whole number of the range; empty where nothing is.
std::string fault_of_number(const std::string& text, Args::Range range);

/// What was given by repeating a flag and by commas, "0,1" and "2", as one list.
std::vector<std::string> split_lists(const std::vector<std::string>& given);

}  // namespace scopa::cli
