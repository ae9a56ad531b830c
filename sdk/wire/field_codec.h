#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#ifndef MSGPACK_NO_BOOST
#define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>

#include "sdk/base/limits.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

/// Structs with SCOPA_FIELDS as MessagePack maps. Internal: it brings in msgpack, so only .cc files
/// include it (codec.cc here, event_codec.cc in the broker's core).
namespace scopa::wire {

// ---- writing ------------------------------------------------------------------------------------

/// What msgpack::packer writes to: appends to a string.
struct StringSink {
  std::string* bytes;
  void write(const char* data, std::size_t size) { bytes->append(data, size); }
};
using Packer = msgpack::packer<StringSink>;

void pack_text(Packer& packer, std::string_view text);
void pack_binary(Packer& packer, std::string_view bytes);
/// Always a float64: msgpack's own pack_double makes 1.0 an integer and loses the sign of -0.0.
void pack_real(Packer& packer, double value);
/// An array of [name, value] in the given order.
void pack_params(Packer& packer, const Params& params);

/// How many fields a struct has: the size of its map.
struct FieldCounter {
  std::uint32_t count = 0;
  void operator()(std::string_view, const auto&) { ++count; }
  void code(std::string_view, const auto&, auto) { ++count; }
  void binary(std::string_view, const auto&) { ++count; }
  void binaries(std::string_view, const auto&) { ++count; }
};

template <class T>
std::uint32_t count_fields(const T& m) {
  FieldCounter counter;
  T::fields(m, counter);
  return counter.count;
}

class FieldWriter {
 public:
  explicit FieldWriter(Packer& packer) : packer_(packer) {}

  template <class T>
  void operator()(std::string_view name, const T& field) {
    pack_text(packer_, name);
    write(field);
  }
  void code(std::string_view name, std::uint8_t field, auto /*last*/) { (*this)(name, field); }
  void binary(std::string_view name, const std::string& field) {
    pack_text(packer_, name);
    pack_binary(packer_, field);
  }
  void binaries(std::string_view name, const std::vector<std::string>& fields) {
    pack_text(packer_, name);
    packer_.pack_array(static_cast<std::uint32_t>(fields.size()));
    for (const std::string& field : fields) pack_binary(packer_, field);
  }

 private:
  template <class T>
  void write(const T& field) {
    if constexpr (std::is_same_v<T, bool>) {
      field ? packer_.pack_true() : packer_.pack_false();
    } else if constexpr (std::is_same_v<T, double>) {
      pack_real(packer_, field);
    } else if constexpr (std::is_unsigned_v<T>) {
      packer_.pack_uint64(field);
    } else if constexpr (std::is_signed_v<T>) {
      packer_.pack_int64(field);
    } else if constexpr (std::is_same_v<T, std::string>) {
      pack_text(packer_, field);
    } else if constexpr (std::is_same_v<T, Params>) {
      pack_params(packer_, field);
    } else {
      write_struct_or_list(field);
    }
  }
  template <class T>
  void write_struct_or_list(const std::vector<T>& items) {
    packer_.pack_array(static_cast<std::uint32_t>(items.size()));
    for (const T& item : items) write(item);
  }
  template <class T>
  void write_struct_or_list(const T& item) {
    packer_.pack_map(count_fields(item));
    T::fields(item, *this);
  }

  Packer& packer_;
};

// ---- reading ------------------------------------------------------------------------------------

/// A frame that msgpack has read. Strings and bins point into the frame, which must outlive it; one
/// per thread at a time, since the zone below it is kept and used again.
///
/// Errors: kInvalidArgument for anything that is not one whole map within limits.h. What a frame
/// announces is held against its own length before memory is taken for it.
Result<msgpack::object> unpack_map(std::string_view frame);

/// The value of `key`, or nothing.
const msgpack::object* find_key(const msgpack::object& map, std::string_view key);

/// What the lists of one message may take when they are read. An item of one byte, an empty map,
/// can become a struct of hundreds: a frame of nothing else would take a gigabyte.
inline constexpr std::size_t kListBytesMax = 16 * limits::kFrameBytesMax;

/// Where and why reading failed; `path` is built while the stack unwinds.
struct ReadFailure {
  /// Set for what we wrote ourselves: text is bound by the frame alone, so that nothing that was
  /// accepted once is refused later.
  bool trusted = false;
  bool failed = false;
  std::string path;
  std::string problem;
  std::size_t list_bytes_left = kListBytesMax;

  bool fail(std::string text) {
    failed = true;
    problem = std::move(text);
    return false;
  }
  /// "report: field `to` must be an unsigned integer"
  Status status(Code code, std::string_view what) const;
};

/// Room for a text field, by its name: names are short, a sweep file may be long.
std::size_t text_limit(std::string_view field);

bool read_unsigned(const msgpack::object& object, std::uint64_t max, std::uint64_t* value,
                   ReadFailure* failure);
bool read_signed(const msgpack::object& object, std::int64_t min, std::int64_t max,
                 std::int64_t* value, ReadFailure* failure);
bool read_real(const msgpack::object& object, double* value, ReadFailure* failure);
bool read_flag(const msgpack::object& object, bool* value, ReadFailure* failure);
bool read_text(const msgpack::object& object, std::size_t bytes_max, std::string* value,
               ReadFailure* failure);
bool read_binary(const msgpack::object& object, std::string* value, ReadFailure* failure);
/// An array of [name, value], or a map of names to values.
bool read_params(const msgpack::object& object, Params* params, ReadFailure* failure);

class FieldReader {
 public:
  FieldReader(const msgpack::object_map& map, ReadFailure* failure)
      : map_(map), failure_(failure) {}

  template <class T>
  void operator()(std::string_view name, T& field) {
    if (const msgpack::object* object = next(name)) read(name, *object, &field) || at(name);
  }
  template <class Enum>
  void code(std::string_view name, std::uint8_t& field, Enum last) {
    if (const msgpack::object* object = next(name)) {
      std::uint64_t value = 0;
      if (read_unsigned(*object, static_cast<std::uint8_t>(last), &value, failure_)) {
        field = static_cast<std::uint8_t>(value);
      } else {
        at(name);
      }
    }
  }
  void binary(std::string_view name, std::string& field) {
    if (const msgpack::object* object = next(name)) {
      read_binary(*object, &field, failure_) || at(name);
    }
  }
  void binaries(std::string_view name, std::vector<std::string>& fields) {
    if (const msgpack::object* object = next(name)) {
      read_list(*object, &fields,
                [this](const msgpack::object& item, std::string* field) {
                  return read_binary(item, field, failure_);
                }) ||
          at(name);
    }
  }

 private:
  /// The value of `name`, found at once when fields come in our own order; nothing when it is
  /// missing or something has failed already.
  const msgpack::object* next(std::string_view name);

  bool at(std::string_view name) {
    const bool nested = !failure_->path.empty() && failure_->path[0] != '[';
    failure_->path = std::string(name) + (nested ? "." : "") + failure_->path;
    return false;
  }

  template <class T>
  bool read(std::string_view name, const msgpack::object& object, T* field) {
    if constexpr (std::is_same_v<T, bool>) {
      return read_flag(object, field, failure_);
    } else if constexpr (std::is_same_v<T, double>) {
      return read_real(object, field, failure_);
    } else if constexpr (std::is_unsigned_v<T>) {
      std::uint64_t value = 0;
      if (!read_unsigned(object, std::numeric_limits<T>::max(), &value, failure_)) return false;
      *field = static_cast<T>(value);
      return true;
    } else if constexpr (std::is_signed_v<T>) {
      std::int64_t value = 0;
      using Limits = std::numeric_limits<T>;
      if (!read_signed(object, Limits::min(), Limits::max(), &value, failure_)) return false;
      *field = static_cast<T>(value);
      return true;
    } else if constexpr (std::is_same_v<T, std::string>) {
      const std::size_t limit = failure_->trusted ? limits::kFrameBytesMax : text_limit(name);
      return read_text(object, limit, field, failure_);
    } else if constexpr (std::is_same_v<T, Params>) {
      return read_params(object, field, failure_);
    } else {
      return read_struct_or_list(name, object, field);
    }
  }
  template <class T>
  bool read_struct_or_list(std::string_view name, const msgpack::object& object,
                           std::vector<T>* items) {
    return read_list(object, items, [this, name](const msgpack::object& item, T* field) {
      return read(name, item, field);
    });
  }
  template <class T>
  bool read_struct_or_list(std::string_view, const msgpack::object& object, T* item) {
    if (object.type != msgpack::type::MAP) return failure_->fail("must be a map");
    FieldReader reader(object.via.map, failure_);
    T::fields(*item, reader);
    return !failure_->failed;
  }
  template <class T, class ReadItem>
  bool read_list(const msgpack::object& object, std::vector<T>* items, ReadItem read_item) {
    if (object.type != msgpack::type::ARRAY) return failure_->fail("must be an array");
    const std::size_t bytes = object.via.array.size * sizeof(T);
    if (bytes > failure_->list_bytes_left) return failure_->fail("has too many items");
    failure_->list_bytes_left -= bytes;
    items->clear();
    items->reserve(object.via.array.size);
    for (std::uint32_t i = 0; i < object.via.array.size; ++i) {
      if (!read_item(object.via.array.ptr[i], &items->emplace_back())) {
        const bool nested = !failure_->path.empty() && failure_->path[0] != '[';
        failure_->path = "[" + std::to_string(i) + "]" + (nested ? "." : "") + failure_->path;
        return false;
      }
    }
    return true;
  }

  const msgpack::object_map& map_;
  ReadFailure* failure_;
  std::uint32_t position_ = 0;
};

/// Reads the fields that `map` has into `*m`; others keep what they are.
template <class T>
bool read_fields(const msgpack::object& map, T* m, ReadFailure* failure) {
  FieldReader reader(map.via.map, failure);
  T::fields(*m, reader);
  return !failure->failed;
}

}  // namespace scopa::wire
