#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/spec/expression.h"

namespace scopa::spec {

enum class Op : std::uint8_t {
  kConstant,   ///< argument: of Program::constants
  kParameter,  ///< argument: its index
  kNegate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kPower,
  kCall,     ///< argument: a Function; count: its arguments
  kCompare,  ///< count operands; argument: of the first of count - 1 entries in
             ///< Program::comparisons
  kIn,       ///< the needle and count - 1 values
  kNotIn,
  kNot,
  kAnd,
  kOr,
  kIf,  ///< `x if c else y` as x, c, y
};

enum class Comparison : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual
};

enum class Function : std::uint8_t {
  kMin,
  kMax,
  kAbs,
  kFloor,
  kCeil,
  kRound,
  kInt,
  kSqrt,
  kExp,
  kLog,
  kLog2,
  kLog10,
};

/// One step of a program in postfix order: takes `count` operands from the stack, puts one back.
struct Instruction {
  Op op = Op::kConstant;
  std::uint32_t argument = 0;
  std::uint32_t count = 0;
  std::uint32_t begin = 0;  ///< first instruction of this subexpression
  std::uint32_t from = 0;   ///< its text: bytes [from, to)
  std::uint32_t to = 0;
};

struct Expression::Program {
  std::string text;
  std::vector<Instruction> code;
  /// Shared with the conjuncts, of which there may be hundreds.
  std::shared_ptr<std::vector<Value>> constants = std::make_shared<std::vector<Value>>();
  std::vector<Comparison> comparisons;
  std::vector<std::size_t> parameters;  ///< ascending
  Kinds kinds = kAnyKind;

  void list_parameters();  ///< sets `parameters` from the code
};

}  // namespace scopa::spec
