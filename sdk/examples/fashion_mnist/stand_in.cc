#include <algorithm>
#include <cmath>

#include "dataset.h"
#include "random.h"

namespace fashion {
namespace {

// Whether the point belongs to the shape; the shape fills about the square [-1, 1] x [-1, 1].
bool inside_shape(std::size_t shape, float x, float y) {
  const float radius = std::hypot(x, y);
  switch (shape) {
    case 0:
      return radius < 0.9F;  // disc
    case 1:
      return radius > 0.55F && radius < 0.95F;  // ring
    case 2:
      return std::abs(x) < 0.8F && std::abs(y) < 0.8F;  // square
    case 3:
      return std::max(std::abs(x), std::abs(y)) < 0.9F &&
             std::max(std::abs(x), std::abs(y)) > 0.5F;  // frame
    case 4:
      return std::abs(x) < 0.25F || std::abs(y) < 0.25F;  // plus
    case 5:
      return std::abs(x) + std::abs(y) < 1;  // diamond
    case 6:
      return y > -0.8F && std::abs(x) < (0.9F - y) * 0.5F;  // triangle
    case 7:
      return std::abs(std::fmod(y + 2, 0.8F) - 0.4F) < 0.2F;  // stripes
    case 8:
      return (x > -0.8F && x < -0.3F) || (y > 0.3F && y < 0.8F);  // corner
    default:
      return std::hypot(x - 0.5F, y) < 0.45F || std::hypot(x + 0.5F, y) < 0.45F;  // pair
  }
}

void draw(std::size_t shape, Random& random, float* image) {
  const float shift_x = random.between(-0.3F, 0.3F);
  const float shift_y = random.between(-0.3F, 0.3F);
  const float scale = random.between(0.45F, 0.85F);
  const float tilt = random.between(-0.6F, 0.6F);
  const float contrast = random.between(0.4F, 1.6F);
  const float cosine = std::cos(tilt) / scale;
  const float sine = std::sin(tilt) / scale;
  for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
    const float x = (static_cast<float>(pixel % kSide) / 13.5F) - 1 - shift_x;
    const float y = (static_cast<float>(pixel / kSide) / 13.5F) - 1 - shift_y;
    const float u = (cosine * x) + (sine * y);
    const float v = (cosine * y) - (sine * x);
    const bool ink = std::max(std::abs(u), std::abs(v)) < 1 && inside_shape(shape, u, v);
    image[pixel] = (ink ? contrast : -contrast) + (0.7F * random.normal());
  }
}

}  // namespace

Images generate_images(std::size_t count, double wrong_labels, std::uint64_t seed) {
  Random random(seed);
  Images images;
  images.pixels.resize(count * kPixels);
  images.labels.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t shape = random.below(kClasses);
    draw(shape, random, images.pixels.data() + (i * kPixels));
    const bool wrong = static_cast<double>(random.uniform()) < wrong_labels;
    images.labels[i] = static_cast<std::uint8_t>(wrong ? random.below(kClasses) : shape);
  }
  return images;
}

}  // namespace fashion
