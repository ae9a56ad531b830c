// Texts told apart by hashed n-grams and a logistic regression.
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTopics = 5;
constexpr std::uint64_t kPasses = 8;

struct Texts {
  std::vector<std::string> train, valid;
  std::vector<std::size_t> train_topic, valid_topic;
};

std::string syllables(Random* random, std::size_t count) {
  std::string word;
  for (std::size_t k = 0; k < count; ++k) {
    word += "bdfgklmnprstvz"[random->below(14)];
    word += "aeiou"[random->below(5)];
    if (random->below(3) == 0) word += "lnrs"[random->below(4)];
  }
  return word;
}

// A language in which topics differ a little in their words, their endings and their order of
// words, and which has slips of the pen.
class Language {
 public:
  explicit Language(Random* random) : random_(random) {
    for (std::size_t k = 0; k < kWords; ++k) {
      words_.push_back(syllables(random, 1 + random->below(3)));
    }
    for (std::size_t k = 0; k < kEndings; ++k) endings_.push_back(syllables(random, 1));
  }

  std::string text(std::size_t topic) {
    std::string text;
    const std::size_t length = 8 + random_->below(16);
    std::size_t before = 0;
    for (std::size_t k = 0; k < length; ++k) {
      const std::size_t word = next(topic, before);
      before = word;
      std::string spelt = words_[word];
      if (random_->below(3) == 0) {
        const bool own = random_->below(3) == 0;
        spelt += endings_[own ? topic : random_->below(kEndings)];
      }
      if (random_->below(8) == 0) spelt[random_->below(spelt.size())] = 'x';
      text += (k == 0 ? "" : " ") + spelt;
    }
    return text;
  }

 private:
  static constexpr std::size_t kWords = 400, kEndings = 12;

  // Frequent words have low numbers. Some are of the topic; some follow from the word before.
  std::size_t next(std::size_t topic, std::size_t before) {
    const double u = random_->unit();
    const auto word = static_cast<std::size_t>(std::exp(u * std::log(double{kWords}))) - 1;
    const std::size_t kind = random_->below(10);
    if (kind == 0) return (word * kTopics + topic) % kWords;
    if (kind == 1) return (before * 7 + topic * 31 + 1) % kWords;
    return std::min(word, kWords - 1);
  }

  Random* random_;
  std::vector<std::string> words_, endings_;
};

Texts made_texts(std::size_t train, std::size_t valid) {
  Random random(0, "texts");
  Language language(&random);
  Texts texts;
  for (std::size_t i = 0; i < train + valid; ++i) {
    const std::size_t topic = i % kTopics;
    (i < train ? texts.train : texts.valid).push_back(language.text(topic));
    (i < train ? texts.train_topic : texts.valid_topic).push_back(topic);
  }
  return texts;
}

std::uint64_t hash_of(std::string_view gram) {
  const std::uint64_t hash = search::hash_name(gram);
  return (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9U >> 20;
}

/// The hashes of all n-grams of `least` to `most` letters, or words.
std::vector<std::uint64_t> grams(const std::string& text, bool by_words, std::size_t least,
                                 std::size_t most) {
  std::vector<std::size_t> starts;  // of letters or words, and one past the end of the last
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!by_words || i == 0 || text[i - 1] == ' ') starts.push_back(i);
  }
  starts.push_back(text.size() + (by_words ? 1 : 0));
  std::vector<std::uint64_t> hashes;
  for (std::size_t n = least; n <= most; ++n) {
    for (std::size_t i = 0; i + n < starts.size(); ++i) {
      const std::size_t length = starts[i + n] - starts[i] - (by_words ? 1 : 0);
      hashes.push_back(hash_of(std::string_view(text).substr(starts[i], length)));
    }
  }
  return hashes;
}

struct Entry {
  std::uint32_t at = 0;
  float value = 0;
};
using Sparse = std::vector<Entry>;

/// From texts to sparse rows, by what a configuration says.
class Vectorizer {
 public:
  explicit Vectorizer(const Config& config)
      : by_words_(config.is("unit", "words")),
        signed_(config.is("signs", "true")),
        least_(config.count("n_min")),
        most_(least_ + config.count("n_more")),
        bits_(config.count("bits")),
        weighting_(config.text("weighting")),
        norm_(config.number("norm")) {}

  std::vector<Sparse> rows(const std::vector<std::string>& texts) const {
    std::vector<Sparse> all;
    for (const std::string& text : texts) all.push_back(counted(text));
    return all;
  }
  /// How rare each feature is; only for the weighting by it.
  std::vector<float> rarity(const std::vector<Sparse>& rows) const {
    std::vector<float> made(std::size_t{1} << bits_, 1);
    if (weighting_ != "tfidf") return made;
    for (const Sparse& row : rows) {
      for (const Entry& entry : row) ++made[entry.at];
    }
    for (float& x : made) x = std::log(static_cast<float>(1 + rows.size()) / x) + 1;
    return made;
  }
  void weigh(const std::vector<float>& rarity, std::vector<Sparse>* rows) const {
    for (Sparse& row : *rows) {
      float sum = 0;
      for (Entry& entry : row) {
        entry.value = weight(entry.value) * rarity[entry.at];
        sum += entry.value * entry.value;
      }
      const float scale = sum > 0 ? std::pow(sum, -static_cast<float>(norm_) / 2) : 0;
      for (Entry& entry : row) entry.value *= scale;
    }
  }

 private:
  Sparse counted(const std::string& text) const {
    std::vector<std::uint64_t> hashes = grams(text, by_words_, least_, most_);
    const std::uint64_t mask = (std::uint64_t{1} << bits_) - 1;
    std::sort(hashes.begin(), hashes.end(),
              [mask](std::uint64_t a, std::uint64_t b) { return (a & mask) < (b & mask); });
    Sparse row;
    for (const std::uint64_t hash : hashes) {
      const auto at = static_cast<std::uint32_t>(hash & mask);
      if (row.empty() || row.back().at != at) row.push_back({at, 0});
      row.back().value += signed_ && (hash >> 40 & 1) != 0 ? -1.0F : 1.0F;
    }
    return row;
  }
  float weight(float count) const {
    const float size = std::abs(count);
    if (weighting_ == "binary") return count == 0 ? 0 : std::copysign(1.0F, count);
    return weighting_ == "log" ? std::copysign(std::log1p(size), count) : count;
  }

  bool by_words_, signed_;
  std::size_t least_, most_, bits_;
  std::string weighting_;
  double norm_;
};

/// Softmax over the topics. The penalty shrinks all weights at once, by a common factor.
class Softmax {
 public:
  explicit Softmax(std::size_t features) : weights_(features * kTopics) {}

  std::array<double, kTopics> told(const Sparse& row) const {
    std::array<double, kTopics> p = bias_;
    for (const Entry& entry : row) {
      for (std::size_t t = 0; t < kTopics; ++t) {
        p[t] += factor_ * entry.value * weights_[entry.at * kTopics + t];
      }
    }
    const double most = *std::max_element(p.begin(), p.end());
    for (double& x : p) x = std::exp(x - most);
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& x : p) x /= sum;
    return p;
  }
  void step(const Sparse& row, std::size_t topic, double rate, double l2) {
    std::array<double, kTopics> pull = told(row);
    pull[topic] -= 1;
    factor_ = std::max(factor_ * (1 - rate * l2), 1e-9);
    for (std::size_t t = 0; t < kTopics; ++t) bias_[t] -= rate * pull[t];
    for (const Entry& entry : row) {
      for (std::size_t t = 0; t < kTopics; ++t) {
        weights_[entry.at * kTopics + t] -=
            static_cast<float>(rate * pull[t] * entry.value / factor_);
      }
    }
  }

 private:
  std::vector<float> weights_;
  std::array<double, kTopics> bias_{};
  double factor_ = 1;
};

Trained trained_text(const Texts& texts, const Config& config) {
  const Vectorizer vectorizer(config);
  std::vector<Sparse> train = vectorizer.rows(texts.train);
  std::vector<Sparse> valid = vectorizer.rows(texts.valid);
  const std::vector<float> rarity = vectorizer.rarity(train);
  vectorizer.weigh(rarity, &train);
  vectorizer.weigh(rarity, &valid);
  std::size_t entries = 0;
  for (const Sparse& row : train) entries += row.size();
  Trained made;
  made.step_seconds = 1e-4 * static_cast<double>(entries);
  Softmax model(std::size_t{1} << config.count("bits"));
  Random random(1, "text order");
  for (std::uint64_t pass = 0; pass < kPasses; ++pass) {
    const double rate =
        config.number("lr") / std::pow(1 + static_cast<double>(pass), config.number("slowing"));
    for (const std::size_t i : random.shuffled(train.size())) {
      model.step(train[i], texts.train_topic[i], rate, config.number("l2"));
    }
    double sum = 0;
    for (std::size_t i = 0; i < valid.size(); ++i) {
      sum -= std::log(std::max(model.told(valid[i])[texts.valid_topic[i]], 1e-4));
    }
    made.curve.push_back(sum / static_cast<double>(valid.size()));
  }
  return made;
}

}  // namespace

std::vector<Trainer> text_classifiers() {
  const Json parameters = {{"unit", one_of({"letters", "words"})},
                           {"n_min", int_range(1, 3)},
                           {"n_more", int_range(0, 2)},
                           {"bits", int_range(7, 15)},
                           {"signs", one_of({false, true})},
                           {"weighting", one_of({"count", "binary", "log", "tfidf"})},
                           {"norm", real_range(0, 1.2)},
                           {"lr", log_range(3e-3, 3)},
                           {"slowing", real_range(0, 1.5)},
                           {"l2", log_range(1e-6, 0.03)}};
  return {{"text_topics", parameters, nullptr, kPasses, 1,
           [texts = made_texts(250, 300)](const Config& config, std::uint64_t) {
             return trained_text(texts, config);
           }}};
}

}  // namespace scopa::bench
