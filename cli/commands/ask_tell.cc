#include "cli/ask_tell.h"

#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/errors.h"

namespace scopa::cli {
namespace {

/// The next line without its break; of a longer one than can be a request, so much that it is seen
/// to be too long. False at the end of the input.
bool read_line(std::FILE* from, std::string* line) {
  line->clear();
  int c = std::fgetc(from);
  if (c == EOF) return false;
  for (; c != EOF && c != '\n'; c = std::fgetc(from)) {
    if (line->size() <= AskTell::kLineBytesMax) line->push_back(static_cast<char>(c));
  }
  return true;
}

int ask_tell(std::uint64_t seed) {
  AskTell optimizer(seed);
  std::string line;
  while (read_line(stdin, &line)) {
    if (line.empty()) continue;
    print_out(optimizer.reply(line) + "\n");
    if (output_failed()) break;  // whoever asked has gone
  }
  return kExitOk;
}

}  // namespace

void declare_ask_tell(Args& args) {
  auto seed = std::make_shared<std::uint64_t>(0);
  args.description(
      "The optimizer alone, without broker, store and network, for any language: requests come as "
      "JSON objects on stdin, one in a line, and each is answered by one on stdout. The proposals "
      "and stops are those that a broker would make. `init` gives a sweep file as JSON, `ask` a "
      "trial, `report` a value of the goal metric and asks whether to stop, `tell` what became of "
      "the trial. Any number of trials may be open. Nothing is kept. The end of the input ends "
      "it.");
  args.number("--seed", "N", seed.get(), "of sweeps whose init and config name none (0)", {});
  args.example("scopa ask-tell --seed 7 <requests.jsonl",
               R"({"op":"init","config":{...}}, {"op":"ask"} ... one in a line)");
  args.action([seed](Context&) { return ask_tell(*seed); });
}

}  // namespace scopa::cli
