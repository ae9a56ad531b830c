// fuzz_seeds FOLDER: writes the seeds of the corpora that are made from what the program itself
// says and keeps. Files that are no seeds (finds) stay.
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "broker/core/event.h"
#include "broker/store/keys.h"
#include "sdk/journal/layout.h"
#include "sdk/journal/trial_header.h"
#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"
#include "tests/fuzz/dialog.h"
#include "tests/fuzz/input.h"
#include "tests/unit/sdk/wire/samples.h"

namespace scopa::fuzz {
namespace {

class Corpus {
 public:
  Corpus(const std::string& folder, const std::string& name) : folder_(folder + "/" + name) {
    std::filesystem::create_directories(folder_);
  }
  void add(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ + "/seed-" + name, std::ios::binary) << bytes;
  }

 private:
  std::string folder_;
};

// ---- scripts of dialogs -------------------------------------------------------------------------

class Script {
 public:
  Script& does(Dialog::Step what, std::uint64_t number, std::uint64_t who = 0) {
    put_number(what + 8 * who, 1, &bytes_);
    put_number(number, 2, &bytes_);
    return *this;
  }
  Script& says(Dialog::Step where, const wire::Message& message, std::uint64_t who = 0) {
    const std::string frame = wire::encode(message);
    does(where, frame.size(), who);
    bytes_ += frame;
    return *this;
  }
  /// Trials that run, log and end as they should.
  Script& works(int trials) {
    for (int i = 0; i < trials; ++i) {
      does(Dialog::kTime, 1).does(Dialog::kExchange, 8).does(Dialog::kPoints, 5);
      does(Dialog::kTime, 1).does(Dialog::kExchange, 8).does(Dialog::kEnd, 4 * (i % 2));
      does(Dialog::kTime, 1).does(Dialog::kExchange, 8);
    }
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::string block_of(std::size_t points) {
  std::string block;
  wire::encode_points(wire::sample_points(points), &block);
  return block;
}

/// Each kind of message, about the first trial where it is about one.
std::vector<wire::Message> aimed_messages() {
  std::vector<wire::Message> messages = wire::every_message();
  for (wire::Message& message : messages) {
    std::visit(
        [](auto& m) {
          if constexpr (requires { m.sweep.compare(""); }) m.sweep = "@";
          if constexpr (requires { m.trial = 0; }) m.trial = 0;
          if constexpr (requires { m.attempt = 1; }) m.attempt = 1;
          if constexpr (requires { m.from = 0; }) m.from = 0;
          if constexpr (requires { m.running; }) m.running = {{"@", 0, 1}, {"@", 1, 1}};
        },
        message);
    if (auto* report = std::get_if<wire::Report>(&message)) {
      report->points = block_of(3);
      report->to = 3;
    } else if (auto* release = std::get_if<wire::Release>(&message)) {
      release->to = 0;
    } else if (auto* hello = std::get_if<wire::Hello>(&message)) {
      *hello = {.role = "worker", .worker = "other", .host = "there"};
    } else if (auto* welcome = std::get_if<wire::Welcome>(&message)) {
      *welcome = {.version = 1, .broker = "b7", .heartbeat_ms = 5000, .lease_ms = 30000};
    } else if (auto* create = std::get_if<wire::Create>(&message)) {
      create->spec = "method: grid\nprogram: x\nparameters: {a: {values: [1, 2]}}\n";
    } else if (auto* control = std::get_if<wire::Control>(&message)) {
      control->action = static_cast<std::uint8_t>(wire::Action::kPause);
    } else if (auto* retry = std::get_if<wire::Retry>(&message)) {
      *retry = {.request = 9, .sweep = "@", .token = "again"};
    }
  }
  return messages;
}

std::vector<std::pair<std::string, std::string>> scripts() {
  std::vector<std::pair<std::string, std::string>> all;
  all.emplace_back("work", Script().works(14).bytes());
  Script restarts;
  for (int i = 0; i < 6; ++i) restarts.works(1).does(Dialog::kRestart, 0).does(Dialog::kTime, 30);
  all.emplace_back("restarts", restarts.works(2).bytes());
  all.emplace_back("lease-lost", Script()
                                     .works(1)
                                     .does(Dialog::kExchange, 8)
                                     .does(Dialog::kPoints, 9)
                                     .does(Dialog::kHangUp, 0, 1)
                                     .does(Dialog::kTime, 900)
                                     .does(Dialog::kTime, 900)
                                     .works(2)
                                     .bytes());
  Script failures;
  for (int i = 0; i < 8; ++i) {
    failures.does(Dialog::kTime, 20).does(Dialog::kExchange, 8).does(Dialog::kPoints, 1);
    failures.does(Dialog::kEnd, i % 8).does(Dialog::kTime, 20).does(Dialog::kExchange, 8);
  }
  all.emplace_back("failures", failures.bytes());
  Script to_broker;
  Script to_worker;
  to_broker.works(1);
  to_worker.works(1);
  for (const wire::Message& message : aimed_messages()) {
    to_broker.says(Dialog::kToBroker, message, 1).does(Dialog::kExchange, 4);
    to_worker.says(Dialog::kToWorker, message).does(Dialog::kTime, 1).does(Dialog::kExchange, 4);
    const std::string type(wire::type_of(message));
    all.emplace_back("says-" + type, Script()
                                         .works(1)
                                         .does(Dialog::kExchange, 8)
                                         .says(Dialog::kToBroker, message, 1)
                                         .says(Dialog::kToWorker, message)
                                         .works(1)
                                         .bytes());
  }
  all.emplace_back("all-to-broker", to_broker.works(1).bytes());
  all.emplace_back("all-to-worker", to_worker.works(1).bytes());
  return all;
}

// ---- stores -------------------------------------------------------------------------------------

void put_item(int family, const std::string& key, const std::string& value, std::string* out) {
  put_number(static_cast<std::uint64_t>(family), 1, out);
  put_number(key.size(), 1, out);
  put_number(value.size(), 2, out);
  *out += key + value;
}

std::string store_of(const Dialog& dialog) {
  std::string items;
  std::string key;
  for (const core::Event& event : dialog.events()) {
    store::event_key(event.sweep, event.seq, &key);
    put_item(0, key, core::encode_event(event), &items);
  }
  for (const core::PointsAppended& points : dialog.reports()) {
    store::series_key(points.attempt, points.from, &key);
    std::string value;
    store::append_u64(points.seq, &value);
    store::append_u64(points.to, &value);
    put_item(1, key, value + points.block, &items);
    store::attempt_key(points.attempt, &key);
    put_item(2, key, value.substr(8), &items);
  }
  return items;
}

template <std::size_t I = 0>
void append_events(std::vector<core::EventBody>* bodies) {
  if constexpr (I < std::variant_size_v<core::EventBody>) {
    std::variant_alternative_t<I, core::EventBody> m;
    wire::Filler filler;
    m.fields(m, filler);
    if constexpr (requires { m.trial = 0; }) m.trial = 0;
    if constexpr (requires { m.attempt = 1; }) m.attempt = 1;
    if constexpr (requires { m.state = 1; }) m.state = 1;
    if constexpr (requires { m.spec.size(); }) m.spec = "method: random\nprogram: x\n";
    bodies->emplace_back(m);
    append_events<I + 1>(bodies);
  }
}

/// A log of one sweep, and behind it once each kind of event, as if about its first trial.
void write_events(const Corpus& corpus) {
  Dialog dialog;
  (void)dialog.play(Script().works(2).does(Dialog::kExchange, 8).bytes());
  std::vector<core::EventBody> bodies;
  append_events(&bodies);
  for (const core::EventBody& body : bodies) {
    core::Event event = dialog.events().back();
    event.seq += 1000;
    event.body = body;
    std::string key;
    store::event_key(event.sweep, event.seq, &key);
    std::string items = store_of(dialog);
    put_item(0, key, core::encode_event(event), &items);
    corpus.add("then-" + std::string(core::type_of(body)), items);
  }
}

// ---- all ----------------------------------------------------------------------------------------

void write_wire(const std::string& folder) {
  const Corpus corpus(folder, "wire");
  for (const wire::Message& message : aimed_messages()) {
    corpus.add(std::string(wire::type_of(message)), wire::encode(message));
  }
  corpus.add("block", block_of(3));
  PointBlock wide = wire::sample_points(3);
  wide.step[1] = INT64_MIN;
  wide.time_us[2] = INT64_MAX;
  std::string block;
  wire::encode_points(wide, &block);
  corpus.add("block-wide", block);
  corpus.add("params-map",
             "\x83\xa4type\xa7"
             "enqueue\xa5sweep\xa1@\xa6params\x81\xa1x\xcb" +
                 std::string(8, '\0'));
  for (const char head : {'\xdd', '\xdf', '\xdb', '\xc6', '\xc9'}) {
    corpus.add("announces-" + std::to_string(static_cast<unsigned char>(head)),
               std::string("\x82\xa4type\xa9heartbeat\xa7running") + head + "\xff\xff\xff\xff");
  }
  corpus.add("deep", "\x81\xa4type" + std::string(100, '\x91') + '\xc0');
}

void write_dialogs(const std::string& folder) {
  const Corpus corpus(folder, "dialog");
  const Corpus stores(folder, "store");
  for (const auto& [name, script] : scripts()) {
    corpus.add(name, script);
    Dialog dialog;
    if (const std::string wrong = dialog.play(script); !wrong.empty()) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), wrong.c_str());
    }
    if (name.rfind("says-", 0) != 0) stores.add(name, store_of(dialog));
  }
  write_events(stores);
}

std::string patch(int file, std::uint64_t offset, const std::string& text) {
  std::string bytes;
  put_number(static_cast<std::uint64_t>(file), 1, &bytes);
  put_number(offset, 4, &bytes);
  put_number(text.size(), 1, &bytes);
  return bytes + text;
}

std::string u64(std::uint64_t value) {
  std::string bytes;
  put_number(value, 8, &bytes);
  return bytes;
}

void write_journals(const std::string& folder) {
  using journal::Header;
  constexpr std::size_t kNames = offsetof(Header, names);
  const Corpus corpus(folder, "journal");
  const std::string plain("\0", 1);
  const std::string repaired("\1", 1);
  corpus.add("untouched", plain);
  corpus.add("magic", plain + patch(0, 0, "x"));
  corpus.add("damaged", plain + patch(0, 20, u64(7)));
  corpus.add("other-bounds", repaired + patch(0, 16, u64(1)));
  corpus.add("trial-bytes", repaired + patch(0, 36, u64(0xFFFFFF)));
  corpus.add("trial-header", repaired + patch(0, sizeof(Header), u64(0xFFFFFFFF)));
  corpus.add("reserved-huge", plain + patch(0, offsetof(Header, reserved), u64(UINT64_MAX)));
  corpus.add("reserved-far", plain + patch(0, offsetof(Header, reserved), u64(200'000'000)));
  corpus.add("reserved-segment", plain + patch(0, offsetof(Header, reserved), u64(65'536 + 10)) +
                                     patch(2, 24, u64(journal::record_tag(65'536, 1))));
  corpus.add("tag-stray", plain + patch(1, 24, u64(0x1234'5678'9abc'def0)));
  corpus.add("tag-hole", plain + patch(1, 32 * 7 + 24, u64(0)));
  corpus.add("tag-metric", plain + patch(1, 32 * 7 + 24, u64(journal::record_tag(7, 4095))));
  corpus.add("names-claimed", plain + patch(0, kNames, u64(UINT64_MAX)));
  corpus.add("names-empty", plain + patch(0, kNames + 64, u64(0) + u64(0)));
  corpus.add("names-beyond",
             plain + patch(0, kNames + 64, u64(journal::name_entry(0xFFFFFFFF, 200))));
  corpus.add("stopped", plain + patch(0, offsetof(Header, way_back), u64(0xFFFFFFFF00000005)));
  corpus.add("cut-header", plain + patch(3, 1000, plain));
  corpus.add("cut-segment", plain + patch(3, 1000, repaired));
  using journal::Extra;
  using journal::ParamNotes;
  constexpr std::size_t kParams = offsetof(Extra, params);
  corpus.add("extra-version", plain + patch(4, 8, u64(UINT64_MAX)));
  corpus.add("extra-read", plain + patch(4, kParams, u64(1) + u64(UINT64_MAX)));
  corpus.add("extra-asked", plain + patch(4, kParams + offsetof(ParamNotes, asked),
                                          u64(0x0000'0010'FFFF'FFFF) + "\x1b[31m"));
  corpus.add("extra-last", plain + patch(4, offsetof(Extra, lasts),
                                         u64(7) + u64(7) + u64(7) + u64(0x0000'0001'0000'0001)));

  journal::TrialHeader header;
  header.sweep = "k3v9q2ha";
  header.metric = "loss";
  header.params = {{"none", std::monostate{}}, {"flag", true},  {"lr", 0.1},
                   {"n", std::int64_t{3}},     {"opt", "adam"}, {"x", Composite{"[1]"}}};
  const Corpus headers(folder, "trial_header");
  headers.add("all-kinds", journal::encode_trial_header(header));
  header.params.clear();
  headers.add("no-params", journal::encode_trial_header(header));
  header.checkpoint = "/nowhere/checkpoint";
  header.resume_step = 40;
  headers.add("checkpoint", journal::encode_trial_header(header));
}

void write_metrics(const std::string& folder) {
  const Corpus corpus(folder, "metrics");
  corpus.add("plain", "\x04{\"step\": 3, \"loss\": 0.5}\n{\"loss\": 1e-3, \"acc\": 0.9}\n");
  corpus.add("spellings", "\x10{\"a\": NaN, \"b\": -Infinity, \"c\": \"inf\", \"d\": \"+1.5\"}\n");
  corpus.add("left-out", "\x01{\"a\": null, \"b\": true, \"c\": [1, {\"d\": \"]\"}], \"e\": 1}\n");
  corpus.add("no-end", "\x7f\n\r\n {\"a\": 1}");
  corpus.add("escapes", "\x02{\"\\u00e4\\ud83d\\ude00\\n\": 1, \"\\ud800\": 2}\n");
  corpus.add("numbers",
             "\x03{\"a\": 1e999, \"b\": 1e-999, \"step\": 9e15, \"c\": .5}\nx\n{\"a\":1,}\n");
  corpus.add("nested", "\x05{\"a\": [[[[[[[[[[1]]]]]]]]]]}\n{\"a\" 1}\n{a: 1}\n{\"a\": tru}\n");
  corpus.add("paths",
             "\x09{\"eval\": {\"loss\": 0.5, \"a\": {\"b\": {}, \"c\": 1}}, \"step\": 1}\n"
             "{\"\": {\"\": {\"step\": 1}}}\n{\"a\":{\"b\":1}\n");
}

int write_all(const std::string& folder) {
  write_wire(folder);
  write_dialogs(folder);
  write_journals(folder);
  write_metrics(folder);
  return 0;
}

}  // namespace
}  // namespace scopa::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  return scopa::fuzz::write_all(argv[1]);
}
