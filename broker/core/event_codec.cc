#include <array>
#include <string>
#include <utility>
#include <variant>

#include "broker/core/event.h"
#include "sdk/base/text.h"
#include "sdk/wire/field_codec.h"

namespace scopa::core {
namespace {

using wire::ReadFailure;
using Reader = bool (*)(const msgpack::object& map, EventBody* body, ReadFailure* failure);

template <class T>
bool read_body(const msgpack::object& map, EventBody* body, ReadFailure* failure) {
  return wire::read_fields(map, &body->emplace<T>(), failure);
}

struct BodyKind {
  std::string_view type;
  Reader read;
};

template <std::size_t... I>
constexpr std::array<BodyKind, sizeof...(I)> make_kinds(std::index_sequence<I...>) {
  return {BodyKind{std::variant_alternative_t<I, EventBody>::kType,
                   &read_body<std::variant_alternative_t<I, EventBody>>}...};
}

constexpr auto kBodyKinds = make_kinds(std::make_index_sequence<std::variant_size_v<EventBody>>());

Status corrupt(const SweepId& sweep, std::uint64_t seq, const std::string& problem) {
  return {Code::kCorruption,
          "event " + std::to_string(seq) + " of sweep `" + printable(sweep, 64) + "`: " + problem};
}

}  // namespace

std::string_view type_of(const EventBody& body) { return kBodyKinds[body.index()].type; }

std::string encode_event(const Event& event) {
  std::string bytes;
  wire::StringSink sink{&bytes};
  wire::Packer packer(sink);
  std::visit(
      [&](const auto& m) {
        packer.pack_map(wire::count_fields(m) + 2);
        wire::pack_text(packer, "type");
        wire::pack_text(packer, m.kType);
        wire::pack_text(packer, "at_us");
        packer.pack_int64(event.at_us);
        wire::FieldWriter writer(packer);
        std::decay_t<decltype(m)>::fields(m, writer);
      },
      event.body);
  return bytes;
}

Result<Event> decode_event(const SweepId& sweep, std::uint64_t seq, std::string_view bytes) {
  const auto map = wire::unpack_map(bytes);
  if (!map) return corrupt(sweep, seq, map.status().message());
  const msgpack::object* type = wire::find_key(*map, "type");
  const msgpack::object* at = wire::find_key(*map, "at_us");
  Event event{.seq = seq, .at_us = 0, .sweep = sweep, .body = {}};
  ReadFailure failure;
  failure.trusted = true;
  if (type == nullptr || type->type != msgpack::type::STR || at == nullptr ||
      !wire::read_signed(*at, INT64_MIN, INT64_MAX, &event.at_us, &failure)) {
    return corrupt(sweep, seq, "`type` or `at_us` is missing or wrong");
  }
  const std::string_view name(type->via.str.ptr, type->via.str.size);
  for (const BodyKind& kind : kBodyKinds) {
    if (kind.type != name) continue;
    if (!kind.read(*map, &event.body, &failure)) {
      return corrupt(sweep, seq, failure.status(Code::kCorruption, name).message());
    }
    return event;
  }
  return corrupt(sweep, seq, "unknown type `" + printable(name, 64) + "`");
}

}  // namespace scopa::core
