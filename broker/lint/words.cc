#include "broker/lint/words.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

namespace scopa::lint {
namespace {

using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool has_any(const Words& words, std::initializer_list<std::string_view> wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](std::string_view word) { return has(words, word); });
}

/// Whether two words stand side by side.
bool has_pair(const Words& words, std::string_view first, std::string_view second) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == first && words[i + 1] == second) return true;
  }
  return false;
}

// `lr_decay`, `lr_scheduler`: something about the rate, not the rate.
bool is_learning_rate(const Words& words) {
  const bool named = has_any(words, {"lr", "learningrate"}) ||
                     has_pair(words, "learning", "rate") || words == Words{"eta"};
  return named &&
         !has_any(words, {"decay",  "scheduler", "schedule",   "sched", "warmup", "gamma",
                          "factor", "patience",  "step",       "steps", "policy", "type",
                          "cycle",  "cycles",    "power",      "ratio", "mult",   "multiplier",
                          "scale",  "epochs",    "milestones", "drop",  "layer",  "final",
                          "name",   "frac",      "fraction"});
}

bool is_weight_decay(const Words& words) {
  return has_any(words, {"wd", "weightdecay", "l1", "l2", "regularization", "regularisation", "reg",
                         "regularizer"}) ||
         has_pair(words, "weight", "decay");
}

bool is_share(const Words& words) {
  return has_any(words, {"dropout",     "dropconnect", "momentum", "p",        "prob",
                         "probability", "ratio",       "frac",     "fraction", "subsample",
                         "colsample",   "droprate",    "beta1",    "beta2",    "smoothing",
                         "mixup",       "cutmix",      "percent",  "quantile", "droppath"}) ||
         has_pair(words, "drop", "rate") || has_pair(words, "drop", "path") ||
         has_pair(words, "beta", "1") || has_pair(words, "beta", "2");
}

// What makes a size or a count something else: `hidden_dropout`, `width_mult`, `layer_decay`.
bool is_about_something_else(const Words& words) {
  return has_any(words,
                 {"dropout",     "drop",     "decay", "mult",     "multiplier", "scale",   "factor",
                  "rate",        "ratio",    "lr",    "norm",     "eps",        "epsilon", "freeze",
                  "frozen",      "unfreeze", "frac",  "fraction", "prob",       "init",    "std",
                  "temperature", "weight",   "coef",  "act",      "activation", "type",    "name",
                  "size2",       "lambda",   "gain",  "noise",    "penalty"});
}

bool is_architecture(const Words& words) {
  if (is_about_something_else(words) || has_pair(words, "max", "depth") || has(words, "tree")) {
    return false;
  }
  return has_any(words, {"layers", "layer",     "nlayers", "depth",  "hidden",  "nhidden",
                         "units",  "width",     "heads",   "nhead",  "nheads",  "channels",
                         "embed",  "embedding", "dmodel",  "kernel", "filters", "blocks",
                         "ffn",    "neurons",   "dim",     "stages", "mlp"}) ||
         has_pair(words, "d", "model") || has_pair(words, "d", "ff");
}

bool is_batch(const Words& words) {
  return has_any(words, {"batch", "batchsize", "bs", "minibatch"}) &&
         !has_any(words, {"norm", "momentum"});
}

bool is_length(const Words& words) {
  return (has_any(words, {"epochs", "epoch", "nepochs", "iterations"}) ||
          has_pair(words, "max", "steps") || has_pair(words, "train", "steps") ||
          has_pair(words, "total", "steps") || has_pair(words, "num", "steps")) &&
         !has_any(words, {"warmup", "decay", "freeze", "unfreeze", "patience", "per"});
}

bool is_training(const Words& words) {
  return has_any(words, {"optimizer", "optim", "warmup", "scheduler", "schedule", "sched", "clip",
                         "clipping", "smoothing", "momentum"}) ||
         has_any(words, {"dropout"});
}

}  // namespace

Words words_of(std::string_view name) {
  name.remove_prefix(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
  Words words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  char before = ' ';
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) == 0) {
      end_word();
    } else {
      if (std::isupper(u) != 0 && std::islower(static_cast<unsigned char>(before)) != 0) end_word();
      word += static_cast<char>(std::tolower(u));
    }
    before = c;
  }
  end_word();
  return words;
}

Meaning meaning_of(std::string_view name) {
  const Words words = words_of(name);
  Meaning m;
  m.learning_rate = is_learning_rate(words) || words == Words{"lr0"};
  m.share = is_share(words);
  m.dropout = has_any(words, {"dropout", "droprate"}) || has_pair(words, "drop", "rate");
  m.weight_decay = is_weight_decay(words) && !m.share;
  m.scale = m.learning_rate || m.weight_decay ||
            (has_any(words, {"eps", "epsilon", "lambda", "alpha", "penalty", "tol", "tolerance",
                             "temperature", "coef", "coefficient"}) &&
             !m.share);
  m.batch = is_batch(words);
  m.length = is_length(words);
  m.architecture = is_architecture(words);
  m.seed = has(words, "seed");
  const bool count = has_any(words, {"estimators", "trees", "steps", "patience", "workers",
                                     "leaves", "neighbors", "clusters"}) &&
                     !is_about_something_else(words);
  m.whole = m.batch || m.length || m.architecture || m.seed || count;
  m.size = (m.batch || m.architecture || m.length || count) && !m.seed;
  m.training = m.learning_rate || m.weight_decay || m.batch || is_training(words);
  return m;
}

bool suggested_goal(std::string_view metric, Goal* goal) {
  Words words;
  // Slashes part "val/loss" as dots do; all parts count here.
  for (std::size_t start = 0; start <= metric.size();) {
    const std::size_t end = std::min(metric.find_first_of("./", start), metric.size());
    const Words part = words_of(metric.substr(start, end - start));
    words.insert(words.end(), part.begin(), part.end());
    start = end + 1;
  }
  const bool up = has_any(words, {"accuracy", "acc",     "auc",    "auroc",     "auprc",  "f1",
                                  "reward",   "rewards", "return", "precision", "recall", "iou",
                                  "miou",     "map",     "bleu",   "rouge",     "r2",     "psnr",
                                  "ssim",     "dice",    "top1",   "top5",      "ndcg",   "mcc"}) ||
                  has_pair(words, "m", "ap");
  const bool down = has_any(
      words, {"loss", "error", "err", "mse", "rmse", "mae", "mape", "nll", "perplexity", "ppl",
              "fid", "wer", "cer", "bpb", "bpc", "logloss", "regret", "latency", "entropy"});
  *goal = up ? Goal::kMaximize : Goal::kMinimize;
  return up != down;
}

}  // namespace scopa::lint
