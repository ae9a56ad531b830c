#include "tests/bench/broker_load.h"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <variant>
#include <zmq.hpp>

#include "sdk/base/limits.h"
#include "sdk/session/client.h"
#include "sdk/session/client_keys.h"
#include "sdk/session/curve.h"
#include "sdk/session/environment.h"
#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"

namespace scopa::bench {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Those that broker_bench --keys names in the environment.
Result<session::ClientKeysPtr> keys_for(const std::string& endpoint) {
  return session::find_client_keys(endpoint, {}, session::process_environment());
}

/// A worker of one trial, on a DEALER of its own.
class Writer {
 public:
  Writer(zmq::context_t& context, const std::string& endpoint)
      : socket_(context, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 30'000);
    const auto keys = keys_for(endpoint);
    if (keys) (void)session::use_keys(socket_.handle(), *keys);
    socket_.connect(endpoint);
  }

  void send(const wire::Message& message) {
    wire::encode_into(message, &frame_);
    (void)socket_.send(zmq::buffer(frame_), zmq::send_flags::none);
  }
  Result<wire::Message> receive() {
    zmq::message_t frame;
    if (!socket_.recv(frame)) return Status{Code::kDeadlineExceeded, "no answer within 30 s"};
    auto message = wire::decode(frame.to_string_view());
    if (!message) return message;
    if (const auto* error = std::get_if<wire::Error>(&*message)) return error->status();
    return message;
  }
  template <class T>
  Result<T> exchange(const wire::Message& request) {
    send(request);
    SCOPA_ASSIGN_OR_RETURN(wire::Message message, receive());
    if (T* wanted = std::get_if<T>(&message)) return std::move(*wanted);
    return Status{Code::kConflict, "got " + std::string(wire::type_of(message))};
  }
  Status hello(std::size_t number) {
    wire::Hello hello;
    hello.role = "worker";
    hello.worker = "bench-" + std::to_string(number);
    return exchange<wire::Welcome>(hello).status();
  }
  Status ask(const SweepId& sweep) {
    wire::Ask ask;
    ask.request = ++request_;
    ask.sweep = sweep;
    ask.device = "cpu";
    SCOPA_ASSIGN_OR_RETURN(const wire::Assign assign, exchange<wire::Assign>(ask));
    report_.sweep = assign.sweep;
    report_.trial = assign.trial;
    report_.attempt = assign.attempt;
    report_.from = report_.to = acknowledged_ = in_flight_ = 0;
    return Status::ok();
  }
  void send_report(std::size_t points) {
    make_report_block(report_.to / points, points, &std::get<wire::Report>(message_).points);
    auto& report = std::get<wire::Report>(message_);
    report.sweep = report_.sweep;
    report.trial = report_.trial;
    report.attempt = report_.attempt;
    report.from = report_.to;
    report.to = report_.to += points;
    send(message_);
  }
  void fill(std::size_t points) {
    while (report_.to - acknowledged_ < limits::kReportsInFlight * points) send_report(points);
  }
  /// Takes all that came; points newly acknowledged.
  std::uint64_t drain() {
    const std::uint64_t before = acknowledged_;
    while (socket_.recv(incoming_, zmq::recv_flags::dontwait)) {
      const auto message = wire::decode(incoming_.to_string_view());
      if (!message) continue;
      if (const auto* ack = std::get_if<wire::Ack>(&*message)) acknowledged_ = ack->to;
    }
    return acknowledged_ - before;
  }
  Status release() {
    wire::Release release;
    release.sweep = report_.sweep;
    release.trial = report_.trial;
    release.attempt = report_.attempt;
    release.to = report_.to;
    return exchange<wire::Released>(release).status();
  }
  void* handle() { return socket_.handle(); }

 private:
  zmq::socket_t socket_;
  wire::Report report_;  // where the trial stands
  wire::Message message_{std::in_place_type<wire::Report>};
  std::uint64_t request_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t in_flight_ = 0;
  std::string frame_;
  zmq::message_t incoming_;
};

Result<SweepId> create_sweep(const std::string& endpoint, const std::string& method,
                             std::size_t parameters = 6) {
  SCOPA_ASSIGN_OR_RETURN(auto keys, keys_for(endpoint));
  SCOPA_ASSIGN_OR_RETURN(auto client,
                         session::Client::connect(endpoint, std::chrono::seconds(30), keys));
  wire::Create create;
  create.token = method + std::to_string(Clock::now().time_since_epoch().count());
  create.file_name = "bench.yaml";
  create.spec = "name: bench\nmethod: " + method +
                "\nseed: 1\nmetric: {name: loss, goal: minimize}\nparameters:\n"
                "  lr: {distribution: log_uniform_values, min: 0.00001, max: 1}\n"
                "  decay: {distribution: log_uniform_values, min: 0.00001, max: 1}\n"
                "  momentum: {min: 0.0, max: 0.99}\n"
                "  dropout: {min: 0.0, max: 0.5}\n"
                "  hidden: {min: 16, max: 1024}\n"
                "  optimizer: {values: [sgd, adam, lion]}\n";
  for (std::size_t i = 6; i < parameters; ++i) {
    create.spec += "  x" + std::to_string(i) + ": {min: 0.0, max: 1.0}\n";
  }
  SCOPA_ASSIGN_OR_RETURN(wire::Message reply, client->request(create));
  return std::get<wire::Created>(reply).sweep;
}

}  // namespace

void make_report_block(std::uint64_t i, std::size_t points, std::string* block) {
  thread_local PointBlock columns;
  columns.clear();
  columns.metrics = {"loss", "accuracy", "gradient_norm", "samples_per_second"};
  if (points < columns.metrics.size()) columns.metrics.resize(points);
  for (std::size_t p = 0; p < points; ++p) {
    const std::uint64_t n = i * points + p;
    columns.metric.push_back(static_cast<std::uint16_t>(n % columns.metrics.size()));
    columns.step.push_back(static_cast<std::int64_t>(n / 4));
    columns.value.push_back(1.0 / static_cast<double>(n % 10'007 + 1));
    columns.time_us.push_back(1'700'000'000'000'000 + static_cast<std::int64_t>(n) * 137);
  }
  wire::encode_points(columns, block);
}

Result<WriteResult> write_load(const WriteLoad& load) {
  SCOPA_ASSIGN_OR_RETURN(const SweepId sweep, create_sweep(load.endpoint, "random"));
  zmq::context_t context;
  std::vector<std::unique_ptr<Writer>> writers;
  std::vector<zmq::pollitem_t> items;
  for (std::size_t i = 0; i < load.connections; ++i) {
    writers.push_back(std::make_unique<Writer>(context, load.endpoint));
    SCOPA_RETURN_IF_ERROR(writers.back()->hello(i));
    SCOPA_RETURN_IF_ERROR(writers.back()->ask(sweep));
    items.push_back({writers.back()->handle(), 0, ZMQ_POLLIN, 0});
  }
  WriteResult result;
  const double cpu_before = cpu_seconds();
  const auto start = Clock::now();
  const auto end = start + load.duration;
  for (auto& writer : writers) writer->fill(load.points_per_report);
  while (Clock::now() < end) {
    zmq::poll(items, std::chrono::milliseconds(100));
    for (std::size_t i = 0; i < items.size(); ++i) {
      if ((items[i].revents & ZMQ_POLLIN) == 0) continue;
      result.points += writers[i]->drain();
      writers[i]->fill(load.points_per_report);
    }
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.cpu_seconds = cpu_seconds() - cpu_before;
  result.reports = result.points / load.points_per_report;
  return result;
}

Result<AskResult> ask_load(const AskLoad& load) {
  SCOPA_ASSIGN_OR_RETURN(const SweepId sweep,
                         create_sweep(load.endpoint, load.method, load.parameters));
  zmq::context_t context;
  Writer writer(context, load.endpoint);
  SCOPA_RETURN_IF_ERROR(writer.hello(0));
  AskResult result;
  for (std::size_t i = 0; i < load.before + load.asks; ++i) {
    const auto start = Clock::now();
    SCOPA_RETURN_IF_ERROR(writer.ask(sweep));
    if (i >= load.before) {
      result.microseconds.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    std::this_thread::sleep_for(load.trial);
    writer.send_report(4);
    SCOPA_RETURN_IF_ERROR(writer.receive().status());
    SCOPA_RETURN_IF_ERROR(writer.release());
  }
  std::sort(result.microseconds.begin(), result.microseconds.end());
  return result;
}

}  // namespace scopa::bench
