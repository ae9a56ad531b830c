#include "broker/spec/expression.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "broker/spec/expression_arithmetic.h"
#include "broker/spec/expression_program.h"

namespace scopa::spec {
namespace {

// A value while it is computed; text and lists are views of what lives longer.
struct Item {
  enum class Type : std::uint8_t { kAbsent, kNull, kBoolean, kNumber, kText, kComposite };
  Type type = Type::kAbsent;
  bool boolean = false;
  Number number;
  std::string_view text;

  static Item truth(bool value) { return {Type::kBoolean, value, {}, {}}; }
  static Item of(const std::optional<Number>& number) {
    return number ? Item{Type::kNumber, false, *number, {}} : Item{};
  }
};

using Type = Item::Type;

Item item_of(const Value* value) {
  if (value == nullptr) return {};
  if (const auto* boolean = std::get_if<bool>(value)) return Item::truth(*boolean);
  if (const auto* integer = std::get_if<std::int64_t>(value)) return Item::of(Number(*integer));
  if (const auto* real = std::get_if<double>(value)) return Item::of(Number(*real));
  if (const auto* text = std::get_if<std::string>(value)) return {Type::kText, false, {}, *text};
  if (const auto* composite = std::get_if<Composite>(value)) {
    return {Type::kComposite, false, {}, composite->json};
  }
  return {Type::kNull, false, {}, {}};
}

std::optional<Value> value_of(const Item& item) {
  switch (item.type) {
    case Type::kAbsent:
      break;
    case Type::kNull:
      return Value();
    case Type::kBoolean:
      return Value(item.boolean);
    case Type::kNumber:
      if (const auto* integer = std::get_if<std::int64_t>(&item.number)) return Value(*integer);
      return Value(*std::get_if<double>(&item.number));
    case Type::kText:
      return Value(std::string(item.text));
    case Type::kComposite:
      return Value(Composite{std::string(item.text)});
  }
  return std::nullopt;
}

bool holds_true(const Item& item) {
  switch (item.type) {
    case Type::kAbsent:
    case Type::kNull:
      return false;
    case Type::kBoolean:
      return item.boolean;
    case Type::kNumber:
      return compare(item.number, std::int64_t{0}) != 0;
    case Type::kText:
    case Type::kComposite:
      break;
  }
  return true;
}

bool same(const Item& a, const Item& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case Type::kBoolean:
      return a.boolean == b.boolean;
    case Type::kNumber:
      return compare(a.number, b.number) == 0;
    case Type::kText:
    case Type::kComposite:
      return a.text == b.text;
    case Type::kAbsent:
    case Type::kNull:
      break;
  }
  return true;
}

std::partial_ordering order_of(const Item& a, const Item& b) {
  if (a.type == Type::kNumber && b.type == Type::kNumber) return compare(a.number, b.number);
  if (a.type == Type::kText && b.type == Type::kText) return a.text <=> b.text;
  return std::partial_ordering::unordered;
}

bool compares(Comparison comparison, const Item& a, const Item& b) {
  if (a.type == Type::kAbsent || b.type == Type::kAbsent) return false;
  switch (comparison) {
    case Comparison::kEqual:
      return same(a, b);
    case Comparison::kNotEqual:
      return !same(a, b);
    case Comparison::kLess:
      return order_of(a, b) < 0;
    case Comparison::kLessOrEqual:
      return order_of(a, b) <= 0;
    case Comparison::kGreater:
      return order_of(a, b) > 0;
    case Comparison::kGreaterOrEqual:
      break;
  }
  return order_of(a, b) >= 0;
}

Item call_with(Function function, std::span<const Item> arguments) {
  std::vector<Number> numbers;
  numbers.reserve(arguments.size());
  for (const Item& item : arguments) {
    if (item.type == Type::kNumber) {
      numbers.push_back(item.number);
    } else if (item.type == Type::kBoolean && function == Function::kInt) {
      numbers.emplace_back(std::int64_t{item.boolean});
    } else {
      return {};
    }
  }
  return Item::of(call(function, numbers));
}

Item membership(std::span<const Item> operands, bool wanted) {
  const Item& needle = operands.front();
  if (needle.type == Type::kAbsent) return Item::truth(false);
  const bool found = std::any_of(operands.begin() + 1, operands.end(),
                                 [&](const Item& each) { return same(needle, each); });
  return Item::truth(found == wanted);
}

Item arithmetic(Op op, std::span<const Item> operands) {
  for (const Item& each : operands) {
    if (each.type != Type::kNumber) return {};
  }
  return Item::of(op == Op::kNegate ? negate(operands[0].number)
                                    : calculate(op, operands[0].number, operands[1].number));
}

Item step(const Expression::Program& program, const Instruction& instruction,
          std::span<const Item> operands) {
  switch (instruction.op) {
    case Op::kCompare: {
      const Comparison* comparison = &program.comparisons[instruction.argument];
      bool all = true;
      for (std::size_t i = 0; i + 1 < operands.size(); ++i) {
        all = all && compares(comparison[i], operands[i], operands[i + 1]);
      }
      return Item::truth(all);
    }
    case Op::kIn:
    case Op::kNotIn:
      return membership(operands, instruction.op == Op::kIn);
    case Op::kNot:
      return Item::truth(!holds_true(operands[0]));
    case Op::kAnd:
      return Item::truth(holds_true(operands[0]) && holds_true(operands[1]));
    case Op::kOr:
      return Item::truth(holds_true(operands[0]) || holds_true(operands[1]));
    case Op::kIf:
      return holds_true(operands[1]) ? operands[0] : operands[2];
    case Op::kCall:
      return call_with(static_cast<Function>(instruction.argument), operands);
    default:
      return arithmetic(instruction.op, operands);
  }
}

Item run(const Expression::Program& program, Expression::Values values) {
  std::vector<Item> stack;
  stack.reserve(program.code.size());
  for (const Instruction& instruction : program.code) {
    if (instruction.op == Op::kConstant) {
      stack.push_back(item_of(&(*program.constants)[instruction.argument]));
    } else if (instruction.op == Op::kParameter) {
      const bool known = instruction.argument < values.size();
      stack.push_back(item_of(known ? values[instruction.argument] : nullptr));
    } else {
      const auto first = stack.end() - static_cast<std::ptrdiff_t>(instruction.count);
      const Item result = step(program, instruction, {first, stack.end()});
      stack.erase(first, stack.end());
      stack.push_back(result);
    }
  }
  return stack.empty() ? Item{} : stack.back();
}

}  // namespace

Kinds kind_of(const Value& value) {
  switch (value.index()) {
    case 1:
      return kBooleanKind;
    case 2:
    case 3:
      return kNumberKind;
    case 4:
      return kTextKind;
    default:
      return kOtherKind;
  }
}

void Expression::Program::list_parameters() {
  parameters.clear();
  for (const Instruction& instruction : code) {
    if (instruction.op == Op::kParameter) parameters.push_back(instruction.argument);
  }
  std::sort(parameters.begin(), parameters.end());
  parameters.erase(std::unique(parameters.begin(), parameters.end()), parameters.end());
}

std::optional<Value> Expression::evaluate(Values values) const {
  if (!program_) return std::nullopt;
  return value_of(run(*program_, values));
}

bool Expression::holds(Values values) const {
  return program_ && holds_true(run(*program_, values));
}

const std::vector<std::size_t>& Expression::parameters() const {
  static const std::vector<std::size_t> none;
  return program_ ? program_->parameters : none;
}

Kinds Expression::kinds() const { return program_ ? program_->kinds : kAnyKind; }

const std::string& Expression::text() const {
  static const std::string none;
  return program_ ? program_->text : none;
}

std::vector<Expression> Expression::conjuncts() const {
  std::vector<Expression> parts;
  if (!program_ || program_->code.empty()) return parts;
  std::vector<std::uint32_t> roots = {static_cast<std::uint32_t>(program_->code.size() - 1)};
  while (!roots.empty()) {
    const std::uint32_t root = roots.back();
    roots.pop_back();
    const Instruction& top = program_->code[root];
    if (top.op == Op::kAnd) {
      roots.push_back(root - 1);
      roots.push_back(program_->code[root - 1].begin - 1);
      continue;
    }
    auto part = std::make_shared<Program>();
    part->text = program_->text.substr(top.from, top.to - top.from);
    part->code.assign(program_->code.begin() + top.begin, program_->code.begin() + root + 1);
    for (Instruction& instruction : part->code) {
      instruction.begin -= top.begin;
      instruction.from -= std::min(instruction.from, top.from);
      instruction.to -= std::min(instruction.to, top.from);
    }
    part->constants = program_->constants;
    for (Instruction& instruction : part->code) {
      if (instruction.op != Op::kCompare) continue;
      const auto first = program_->comparisons.begin() + instruction.argument;
      instruction.argument = static_cast<std::uint32_t>(part->comparisons.size());
      part->comparisons.insert(part->comparisons.end(), first, first + instruction.count - 1);
    }
    part->kinds = kAnyKind;
    part->list_parameters();
    parts.emplace_back(std::move(part));
  }
  return parts;
}

Expression Expression::renumbered(std::span<const std::size_t> new_index) const {
  const bool same = std::all_of(parameters().begin(), parameters().end(), [&](std::size_t i) {
    return i >= new_index.size() || new_index[i] == i;
  });
  if (same) return *this;
  auto program = std::make_shared<Program>(*program_);
  for (Instruction& instruction : program->code) {
    if (instruction.op == Op::kParameter && instruction.argument < new_index.size()) {
      instruction.argument = static_cast<std::uint32_t>(new_index[instruction.argument]);
    }
  }
  program->list_parameters();
  return Expression(std::move(program));
}

}  // namespace scopa::spec
