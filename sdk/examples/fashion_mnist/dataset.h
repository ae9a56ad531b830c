#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace fashion {

inline constexpr std::size_t kSide = 28;
inline constexpr std::size_t kPixels = kSide * kSide;
inline constexpr std::size_t kClasses = 10;

/// Grey images of 28 x 28, one after the other, each pixel about in [-1, 2], and their classes.
struct Images {
  std::vector<float> pixels;
  std::vector<std::uint8_t> labels;
  std::size_t count() const { return labels.size(); }
};

struct Dataset {
  Images train, validation;
  std::string source;     ///< the folder, or "generated"
  bool stand_in = false;  ///< generated, because the real data are not there
};

/// The first `train` images of Fashion-MNIST's training set and the first `validation` of its test
/// set, read from the .gz files in the folder SCOPA_FASHION_MNIST, or by default in
/// /usr/share/datasets/fashion-mnist (Debian's package dataset-fashion-mnist). Without the default
/// folder, or with SCOPA_FASHION_MNIST=generated: a stand-in set of generated shapes. With a folder
/// whose files cannot be used: an error text.
std::variant<Dataset, std::string> load_dataset(std::size_t train, std::size_t validation);

/// Ten shapes with random shift, scale, tilt, contrast and noise; 3 % of the training labels are
/// wrong. The same seed gives the same images.
Images generate_images(std::size_t count, double wrong_labels, std::uint64_t seed);

}  // namespace fashion
