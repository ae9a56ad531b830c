#include "cli/quiet_logs.h"

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <memory>
#include <string>

#include "sdk/base/log_text.h"

namespace scopa::cli {
namespace {

constexpr std::size_t kLogBytesMax = 8 << 20;

/// As spdlog does it, but one message is one line: what somebody else chose of it cannot pass for
/// the next one.
class OneLineFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
    const std::string text = on_one_line({message.payload.data(), message.payload.size()});
    spdlog::details::log_msg line = message;
    line.payload = text;
    inner_.format(line, to);
    message.color_range_start = line.color_range_start;
    message.color_range_end = line.color_range_end;
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<OneLineFormatter>();
  }

 private:
  spdlog::pattern_formatter inner_;
};

void use(std::shared_ptr<spdlog::logger> logger) {
  logger->set_formatter(std::make_unique<OneLineFormatter>());
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

void quiet_logs(const std::string& folder, const std::string& name) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  try {
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(folder + "/" + name,
                                                                       kLogBytesMax, 1);
    use(std::make_shared<spdlog::logger>("scopa", std::move(sink)));
    spdlog::flush_on(spdlog::level::info);
  } catch (const spdlog::spdlog_ex&) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("scopa", std::make_shared<spdlog::sinks::null_sink_mt>()));
  }
}

void log_to_stderr() {
  use(std::make_shared<spdlog::logger>("",
                                       std::make_shared<spdlog::sinks::stderr_color_sink_mt>()));
  spdlog::flush_on(spdlog::level::info);
}

void log_line(std::string_view line) { spdlog::info("{}", line); }

}  // namespace scopa::cli
