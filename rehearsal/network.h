#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::rehearsal {

/// A network that predicts what a training run would have reported, from its configuration: YAHPO
/// Gym's surrogates (Pfisterer et al., arXiv:2109.03670) re-encoded as plain arrays. Gated residual
/// blocks on embedded categories and transformed numbers, evaluated in double precision:
///
///     x = concat(embedding of each category, transform of each number)
///     h = W x + b;  in each block  z = W0 BN(h) + b0,  h += W1 (z_first * max(z_second, 0)) + b1
///     y = sigmoid(Wh max(BN(h), 0) + bh);  output j = its transform of y_j
///
/// Pure; evaluate() is const and may be called from several threads.
class Network {
 public:
  /// `description` is the JSON of a `NAME.json`, `weights` the bytes of its `NAME.f32`. Errors:
  /// kInvalidArgument for what is missing, has a wrong shape or lies outside of the weights.
  static Result<Network> parse(std::string_view description, std::string_view weights);

  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  /// The output named `output` for each of `inputs`. An input that a configuration lacks is
  /// missing: category 0, the number 0. Errors: kInvalidArgument for an unknown output, a category
  /// that the network does not know, and a number that is none.
  Result<std::vector<double>> evaluate(const std::vector<Params>& inputs,
                                       std::string_view output) const;
  const std::vector<std::string>& outputs() const;

 private:
  struct Layers;
  explicit Network(std::unique_ptr<Layers> layers);
  std::unique_ptr<Layers> layers_;
};

}  // namespace scopa::rehearsal
