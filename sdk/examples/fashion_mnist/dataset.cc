#include "dataset.h"

#include <cstdlib>
#include <filesystem>

#include "idx_file.h"

namespace fashion {
namespace {

constexpr char kDefaultFolder[] = "/usr/share/datasets/fashion-mnist";
// About the mean and standard deviation of the training set's pixels.
constexpr float kMean = 73;
constexpr float kDeviation = 90;

std::variant<Images, std::string> read_images(const std::string& folder, const std::string& part,
                                              std::size_t count) {
  const std::string prefix = folder + "/" + part;
  auto pixels = read_idx(prefix + "-images-idx3-ubyte.gz", count, {kSide, kSide});
  if (auto* error = std::get_if<std::string>(&pixels)) return *error;
  auto labels = read_idx(prefix + "-labels-idx1-ubyte.gz", count, {});
  if (auto* error = std::get_if<std::string>(&labels)) return *error;

  Images images;
  images.labels = std::get<std::vector<std::uint8_t>>(std::move(labels));
  for (const std::uint8_t label : images.labels) {
    if (label >= kClasses) {
      return prefix + "-labels-idx1-ubyte.gz: label " + std::to_string(label) + ", expected 0 to 9";
    }
  }
  for (const std::uint8_t pixel : std::get<std::vector<std::uint8_t>>(pixels)) {
    images.pixels.push_back((static_cast<float>(pixel) - kMean) / kDeviation);
  }
  return images;
}

}  // namespace

std::variant<Dataset, std::string> load_dataset(std::size_t train, std::size_t validation) {
  const char* chosen = std::getenv("SCOPA_FASHION_MNIST");
  const std::string folder = chosen != nullptr && *chosen != '\0' ? chosen : kDefaultFolder;
  Dataset dataset;
  std::error_code ignored;
  if (folder == "generated" || !std::filesystem::is_directory(folder, ignored)) {
    if (folder != "generated" && folder != kDefaultFolder) {
      return "SCOPA_FASHION_MNIST: no folder " + folder;
    }
    dataset.train = generate_images(train, 0.03, 1);
    dataset.validation = generate_images(validation, 0, 2);
    dataset.source = "generated";
    dataset.stand_in = true;
    return dataset;
  }
  auto train_images = read_images(folder, "train", train);
  if (auto* error = std::get_if<std::string>(&train_images)) return *error;
  auto validation_images = read_images(folder, "t10k", validation);
  if (auto* error = std::get_if<std::string>(&validation_images)) return *error;
  dataset.train = std::get<Images>(std::move(train_images));
  dataset.validation = std::get<Images>(std::move(validation_images));
  dataset.source = folder;
  return dataset;
}

}  // namespace fashion
