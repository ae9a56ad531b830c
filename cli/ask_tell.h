#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "broker/solo/solo_sweep.h"

namespace scopa::cli {

/// The optimizer as a conversation in JSON, one reply for each request: what `scopa ask-tell`
/// speaks (docs/ask_tell.md). Whatever a request is, the conversation goes on after it, and what
/// was refused has changed nothing. Not thread-safe.
///
///     AskTell optimizer(7);
///     optimizer.reply(R"({"op":"init","config":{"method":"random",...}})");   // {"ok":true}
///     optimizer.reply(R"({"op":"ask"})");                // {"trial":0,"params":{"x":0.5}}
class AskTell {
 public:
  /// A longer request is refused unread.
  static constexpr std::size_t kLineBytesMax = 4 << 20;
  /// Objects and arrays within each other.
  static constexpr int kDepthMax = 64;

  /// `seed` is of sweeps whose `init` and config name none.
  explicit AskTell(std::uint64_t seed) : seed_(seed) {}

  /// One line of JSON, without the line break.
  std::string reply(std::string_view line);

 private:
  struct Request;

  Result<std::string> answer(const Request& request);
  Result<std::string> init(const Request& request);
  Result<std::string> ask();
  Result<std::string> report(const Request& request);
  Result<std::string> tell(const Request& request);

  std::uint64_t seed_;
  std::unique_ptr<solo::SoloSweep> sweep_;
};

}  // namespace scopa::cli
