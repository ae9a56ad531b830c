#include "sdk/wire/codec.h"

#include <array>
#include <utility>
#include <variant>

#include "sdk/base/text.h"
#include "sdk/wire/field_codec.h"

namespace scopa::wire {
namespace {

using Reader = Result<Message> (*)(const msgpack::object& map);

template <class T>
Result<Message> read_message(const msgpack::object& map) {
  Message message(std::in_place_type<T>);
  ReadFailure failure;
  if (!read_fields(map, std::get_if<T>(&message), &failure)) {
    return failure.status(Code::kInvalidArgument, T::kType);
  }
  return message;
}

struct Kind {
  std::string_view type;
  Reader read;
};

template <std::size_t... I>
constexpr std::array<Kind, sizeof...(I)> make_kinds(std::index_sequence<I...>) {
  return {Kind{std::variant_alternative_t<I, Message>::kType,
               &read_message<std::variant_alternative_t<I, Message>>}...};
}

constexpr auto kKinds = make_kinds(std::make_index_sequence<std::variant_size_v<Message>>());

}  // namespace

std::string_view type_of(const Message& message) { return kKinds[message.index()].type; }

std::uint64_t request_of(const Message& message) {
  return std::visit(
      [](const auto& m) -> std::uint64_t {
        if constexpr (requires { m.request; }) return m.request;
        return 0;
      },
      message);
}

void encode_into(const Message& message, std::string* frame) {
  frame->clear();
  StringSink sink{frame};
  Packer packer(sink);
  std::visit(
      [&packer](const auto& m) {
        packer.pack_map(count_fields(m) + 1);
        pack_text(packer, "type");
        pack_text(packer, m.kType);
        FieldWriter writer(packer);
        std::decay_t<decltype(m)>::fields(m, writer);
      },
      message);
}

std::string encode(const Message& message) {
  std::string frame;
  encode_into(message, &frame);
  return frame;
}

std::uint64_t request_in(std::string_view frame) {
  const auto map = unpack_map(frame);
  const msgpack::object* request = map ? find_key(*map, "request") : nullptr;
  ReadFailure ignored;
  std::uint64_t number = 0;
  if (request != nullptr) (void)read_unsigned(*request, UINT64_MAX, &number, &ignored);
  return number;
}

Result<Message> decode(std::string_view frame) {
  auto map = unpack_map(frame);
  if (!map) return map.status();
  const msgpack::object* type = find_key(*map, "type");
  if (type == nullptr || type->type != msgpack::type::STR) {
    return Status{Code::kInvalidArgument, "a message must have a field `type` with its name"};
  }
  const std::string_view name(type->via.str.ptr, type->via.str.size);
  for (const Kind& kind : kKinds) {
    if (kind.type == name) return kind.read(*map);
  }
  return Status{Code::kUnsupported, "unknown message type `" + printable(name, 64) + "`"};
}

}  // namespace scopa::wire
