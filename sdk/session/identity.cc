#include "sdk/session/identity.h"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace scopa::session {

namespace {

std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 64)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    out += keep ? c : '_';
  }
  return out.empty() || out[0] == '.' ? "host" + out : out;
}

}  // namespace

std::string host_name(const Environment& env) {
  // Several nodes of a test or container cluster may share one host name.
  if (const auto node = env("SLURMD_NODENAME"); node && !node->empty()) return plain(*node);
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "host";
  return plain(name.data());
}

std::string worker_id(const Environment& env, std::int64_t pid, std::uint64_t random) {
  std::string id = host_name(env);
  if (is_in_slurm(env)) {
    id += "-" + plain(*env("SLURM_JOB_ID"));
    id += "-" + plain(env("SLURM_RESTART_COUNT").value_or("0"));
  }
  std::array<char, 32> tail{};
  std::snprintf(tail.data(), tail.size(), "-%lld-%08llx", static_cast<long long>(pid),
                static_cast<unsigned long long>(random & 0xffffffffU));
  return id + tail.data();
}

}  // namespace scopa::session
