#include "sdk/wire/field_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "sdk/base/utf8.h"

namespace scopa::wire {
namespace {

constexpr std::array<std::string_view, 16> kNames = {
    "type", "sweep", "worker", "host",       "device", "id",     "token",   "role",
    "name", "state", "metric", "sweep_name", "broker", "origin", "metrics", "software"};

/// Composite values travel as a map with this one key, so that JSON text is never taken for a
/// string.
constexpr std::string_view kJsonKey = "json";

bool keep_reference(msgpack::type::object_type, std::size_t, void*) { return true; }

std::string_view text_of(const msgpack::object& object) {
  return {object.via.str.ptr, object.via.str.size};
}

bool read_value(const msgpack::object& object, Value* value, ReadFailure* failure) {
  switch (object.type) {
    case msgpack::type::NIL:
      *value = std::monostate{};
      return true;
    case msgpack::type::BOOLEAN:
      *value = object.via.boolean;
      return true;
    case msgpack::type::POSITIVE_INTEGER:
      if (object.via.u64 > static_cast<std::uint64_t>(INT64_MAX)) {
        return failure->fail("is above the largest integer");
      }
      *value = static_cast<std::int64_t>(object.via.u64);
      return true;
    case msgpack::type::NEGATIVE_INTEGER:
      *value = object.via.i64;
      return true;
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      *value = object.via.f64;
      return true;
    case msgpack::type::STR:
      return read_text(object, limits::kParamsBytesMax, &value->emplace<std::string>(), failure);
    case msgpack::type::MAP:
      if (object.via.map.size == 1 && object.via.map.ptr[0].key.type == msgpack::type::STR &&
          text_of(object.via.map.ptr[0].key) == kJsonKey) {
        return read_text(object.via.map.ptr[0].val, limits::kParamsBytesMax,
                         &value->emplace<Composite>().json, failure);
      }
      [[fallthrough]];
    default:
      return failure->fail("must be null, a boolean, a number, text or {\"json\": text}");
  }
}

bool read_param(const msgpack::object& name, const msgpack::object& value, Param* param,
                ReadFailure* failure) {
  if (!read_text(name, limits::kNameBytesMax, &param->name, failure)) return false;
  if (param->name.empty()) return failure->fail("has a parameter without a name");
  return read_value(value, &param->value, failure);
}

void pack_value(Packer& packer, const Value& value) {
  switch (value.index()) {
    case 0:
      packer.pack_nil();
      break;
    case 1:
      std::get<bool>(value) ? packer.pack_true() : packer.pack_false();
      break;
    case 2:
      packer.pack_int64(std::get<std::int64_t>(value));
      break;
    case 3:
      pack_real(packer, std::get<double>(value));
      break;
    case 4:
      pack_text(packer, std::get<std::string>(value));
      break;
    default:
      packer.pack_map(1);
      pack_text(packer, kJsonKey);
      pack_text(packer, std::get<Composite>(value).json);
  }
}

}  // namespace

void pack_text(Packer& packer, std::string_view text) {
  // Whoever reads it may be strict; what a trainer calls its metrics, or writes last, may be
  // anything.
  if (!is_utf8(text)) return pack_text(packer, as_utf8(text));
  const auto size = static_cast<std::uint32_t>(text.size());
  packer.pack_str(size);
  packer.pack_str_body(text.data(), size);
}

void pack_binary(Packer& packer, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  packer.pack_bin(size);
  packer.pack_bin_body(bytes.data(), size);
}

void pack_real(Packer& packer, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::array<char, 9> token = {'\xcb'};
  for (int i = 0; i < 8; ++i) token[8 - i] = static_cast<char>(bits >> (8 * i));
  // A str body is written as it is, which is how a whole token gets past the packer.
  packer.pack_str_body(token.data(), token.size());
}

void pack_params(Packer& packer, const Params& params) {
  packer.pack_array(static_cast<std::uint32_t>(params.size()));
  for (const Param& param : params) {
    packer.pack_array(2);
    pack_text(packer, param.name);
    pack_value(packer, param.value);
  }
}

Result<msgpack::object> unpack_map(std::string_view frame) try {
  if (frame.size() > limits::kFrameBytesMax) {
    return Status{Code::kInvalidArgument, "frame of " + std::to_string(frame.size()) +
                                              " bytes is above the limit of " +
                                              std::to_string(limits::kFrameBytesMax)};
  }
  // An element takes at least one byte, a pair two: five bytes that announce 2^31 elements are
  // refused before memory is asked for.
  const msgpack::unpack_limit limit(std::min(limits::kArrayItemsMax, frame.size()),
                                    std::min(limits::kMapItemsMax, frame.size() / 2), frame.size(),
                                    frame.size(), 0, limits::kMessageDepthMax);
  thread_local msgpack::zone zone;
  zone.clear();
  std::size_t offset = 0;
  bool referenced = false;
  const msgpack::object object = msgpack::unpack(zone, frame.data(), frame.size(), offset,
                                                 referenced, keep_reference, nullptr, limit);
  if (offset != frame.size()) {
    return Status{Code::kInvalidArgument,
                  std::to_string(frame.size() - offset) + " bytes follow the end of the message"};
  }
  if (object.type != msgpack::type::MAP) {
    return Status{Code::kInvalidArgument, "a message must be a MessagePack map"};
  }
  return object;
} catch (const msgpack::size_overflow&) {
  return Status{Code::kInvalidArgument, "the frame announces more elements than it can hold"};
} catch (const msgpack::insufficient_bytes&) {
  return Status{Code::kInvalidArgument, "the frame ends in the middle of the message"};
} catch (const std::exception&) {
  return Status{Code::kInvalidArgument, "the frame is not MessagePack"};
}

const msgpack::object* find_key(const msgpack::object& map, std::string_view key) {
  for (std::uint32_t i = 0; i < map.via.map.size; ++i) {
    const msgpack::object_kv& pair = map.via.map.ptr[i];
    if (pair.key.type == msgpack::type::STR && text_of(pair.key) == key) return &pair.val;
  }
  return nullptr;
}

Status ReadFailure::status(Code code, std::string_view what) const {
  return {code, std::string(what) + ": field `" + path + "` " + problem};
}

std::size_t text_limit(std::string_view field) {
  if (std::find(kNames.begin(), kNames.end(), field) != kNames.end()) return limits::kNameBytesMax;
  return limits::kSpecBytesMax;
}

bool read_unsigned(const msgpack::object& object, std::uint64_t max, std::uint64_t* value,
                   ReadFailure* failure) {
  if (object.type != msgpack::type::POSITIVE_INTEGER) {
    return failure->fail("must be an unsigned integer");
  }
  if (object.via.u64 > max) return failure->fail("must be at most " + std::to_string(max));
  *value = object.via.u64;
  return true;
}

bool read_signed(const msgpack::object& object, std::int64_t min, std::int64_t max,
                 std::int64_t* value, ReadFailure* failure) {
  if (object.type == msgpack::type::NEGATIVE_INTEGER) {
    *value = object.via.i64;
  } else if (object.type != msgpack::type::POSITIVE_INTEGER) {
    return failure->fail("must be an integer");
  } else if (object.via.u64 > static_cast<std::uint64_t>(INT64_MAX)) {
    return failure->fail("must be at most " + std::to_string(max));
  } else {
    *value = static_cast<std::int64_t>(object.via.u64);
  }
  if (*value < min || *value > max) {
    return failure->fail("must be from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return true;
}

bool read_real(const msgpack::object& object, double* value, ReadFailure* failure) {
  switch (object.type) {
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      *value = object.via.f64;
      return true;
    case msgpack::type::POSITIVE_INTEGER:
      *value = static_cast<double>(object.via.u64);
      return true;
    case msgpack::type::NEGATIVE_INTEGER:
      *value = static_cast<double>(object.via.i64);
      return true;
    default:
      return failure->fail("must be a number");
  }
}

bool read_flag(const msgpack::object& object, bool* value, ReadFailure* failure) {
  if (object.type != msgpack::type::BOOLEAN) return failure->fail("must be a boolean");
  *value = object.via.boolean;
  return true;
}

bool read_text(const msgpack::object& object, std::size_t bytes_max, std::string* value,
               ReadFailure* failure) {
  if (object.type != msgpack::type::STR) return failure->fail("must be text");
  if (object.via.str.size > bytes_max) {
    return failure->fail("must be at most " + std::to_string(bytes_max) + " bytes long");
  }
  if (!failure->trusted && !is_utf8(text_of(object))) return failure->fail("must be UTF-8");
  value->assign(object.via.str.ptr, object.via.str.size);
  return true;
}

bool read_binary(const msgpack::object& object, std::string* value, ReadFailure* failure) {
  if (object.type != msgpack::type::BIN) return failure->fail("must be binary");
  value->assign(object.via.bin.ptr, object.via.bin.size);
  return true;
}

bool read_params(const msgpack::object& object, Params* params, ReadFailure* failure) {
  params->clear();
  const bool is_map = object.type == msgpack::type::MAP;
  if (!is_map && object.type != msgpack::type::ARRAY) {
    return failure->fail("must be an array of [name, value]");
  }
  const std::uint32_t count = is_map ? object.via.map.size : object.via.array.size;
  if (count > limits::kParametersMax) {
    return failure->fail("must have at most " + std::to_string(limits::kParametersMax) +
                         " parameters");
  }
  params->reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const msgpack::object* name = nullptr;
    const msgpack::object* value = nullptr;
    if (is_map) {
      name = &object.via.map.ptr[i].key;
      value = &object.via.map.ptr[i].val;
    } else {
      const msgpack::object& pair = object.via.array.ptr[i];
      if (pair.type != msgpack::type::ARRAY || pair.via.array.size != 2) {
        return failure->fail("must be an array of [name, value]");
      }
      name = &pair.via.array.ptr[0];
      value = &pair.via.array.ptr[1];
    }
    if (!read_param(*name, *value, &params->emplace_back(), failure)) {
      failure->path = "[" + std::to_string(i) + "]";
      return false;
    }
  }
  return true;
}

const msgpack::object* FieldReader::next(std::string_view name) {
  if (failure_->failed) return nullptr;
  for (std::uint32_t tried = 0; tried < map_.size; ++tried) {
    if (position_ >= map_.size) position_ = 0;
    const msgpack::object_kv& pair = map_.ptr[position_++];
    if (pair.key.type == msgpack::type::STR && text_of(pair.key) == name) return &pair.val;
  }
  return nullptr;
}

}  // namespace scopa::wire
