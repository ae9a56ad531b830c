// Support vector machines of libsvm.
#include <libsvm/svm.h>

#include <memory>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;

/// Rows as libsvm wants them.
class Rows {
 public:
  explicit Rows(const Table& table)
      : labels_(table.y.data(), table.y.data() + table.y.size()),
        nodes_(static_cast<std::size_t>(table.y.size())) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (int j = 0; j < static_cast<int>(table.x.cols()); ++j) {
        const double x = table.x(static_cast<Eigen::Index>(i), j);
        if (x != 0) nodes_[i].push_back({j + 1, x});
      }
      nodes_[i].push_back({-1, 0});
      starts_.push_back(nodes_[i].data());
    }
  }
  std::size_t size() const { return labels_.size(); }
  double label(std::size_t i) const { return labels_[i]; }
  const svm_node* row(std::size_t i) const { return starts_[i]; }
  /// Refers to this object; libsvm does not write to it.
  svm_problem problem() const {
    return {static_cast<int>(size()), const_cast<double*>(labels_.data()),
            const_cast<svm_node**>(starts_.data())};
  }

 private:
  std::vector<double> labels_;
  std::vector<std::vector<svm_node>> nodes_;
  std::vector<svm_node*> starts_;
};

struct SvmData {
  explicit SvmData(const Split& split) : train(split.train), valid(split.valid) {}
  Rows train, valid;
};

svm_parameter parameter_of(const Config& config, int type) {
  svm_parameter made{};
  made.svm_type = type;
  const std::string kernel = config.text("kernel");
  made.kernel_type = kernel == "linear" ? LINEAR
                     : kernel == "rbf"  ? RBF
                     : kernel == "poly" ? POLY
                                        : SIGMOID;
  made.degree = static_cast<int>(config.number("degree"));
  made.gamma = config.number("gamma");
  made.coef0 = config.number("coef0");
  made.C = config.has("c") ? config.number("c") : 1;
  made.nu = config.number("nu");
  made.p = config.number("epsilon");
  made.cache_size = 16;
  made.eps = 0.01;
  return made;
}

using Loss = double (*)(double truth, double told);

Trained trained_svm(const SvmData& data, const svm_parameter& parameter, Loss loss) {
  const svm_problem problem = data.train.problem();
  Trained made;
  if (svm_check_parameter(&problem, &parameter) != nullptr) {
    made.failed = true;  // a nu that the sizes of the classes do not allow
    return made;
  }
  const std::unique_ptr<svm_model, void (*)(svm_model*)> model(
      svm_train(&problem, &parameter), [](svm_model* each) { svm_free_and_destroy_model(&each); });
  double sum = 0;
  for (std::size_t i = 0; i < data.valid.size(); ++i) {
    sum += loss(data.valid.label(i), svm_predict(model.get(), data.valid.row(i)));
  }
  made.curve = {sum / static_cast<double>(data.valid.size())};
  return made;
}

Json kernel_parameters(Json parameters, double gamma_max) {
  parameters["kernel"] = one_of({"linear", "rbf", "poly", "sigmoid"});
  parameters["gamma"] = log_range(1e-4, gamma_max);
  parameters["degree"] = int_range(2, 4);
  parameters["coef0"] = real_range(-1, 1);
  return parameters;
}

Json kernel_conditions(Json conditions = Json::array()) {
  conditions.push_back(active_if("gamma", "kernel", {"rbf", "poly", "sigmoid"}));
  conditions.push_back(active_if("degree", "kernel", {"poly"}));
  conditions.push_back(active_if("coef0", "kernel", {"poly", "sigmoid"}));
  return conditions;
}

Trainer svm_digits(const DataSets& sets) {
  Split rows = split(sets.digits, 180, 250);
  for (Table* part : {&rows.train, &rows.valid}) part->x /= 16;
  return {"svm_digits",
          kernel_parameters({{"c", log_range(1e-3, 1e3)}}, 10),
          kernel_conditions(),
          1,
          1,
          [data = std::make_shared<const SvmData>(rows)](const Config& config, std::uint64_t) {
            return trained_svm(*data, parameter_of(config, C_SVC),
                               [](double truth, double told) { return truth == told ? 0.0 : 1.0; });
          }};
}

// A tumour that is missed (class 0 is malignant) costs as much as five false alarms.
double tumour_loss(double truth, double told) { return truth == told ? 0 : truth == 0 ? 5 : 1; }

Trainer nusvm_cancer(const DataSets& sets) {
  const Json parameters = {{"machine", one_of({"c", "nu"})},
                           {"c", log_range(1e-3, 1e2)},
                           {"malignant_weight", log_range(0.2, 20)},
                           {"nu", real_range(0.01, 1)}};
  const Json conditions = {active_if("c", "machine", {"c"}),
                           active_if("malignant_weight", "machine", {"c"}),
                           active_if("nu", "machine", {"nu"})};
  return {"nusvm_cancer",
          kernel_parameters(parameters, 1),
          kernel_conditions(conditions),
          1,
          1,
          [data = std::make_shared<const SvmData>(standardised(split(sets.cancer, 200, 369)))](
              const Config& config, std::uint64_t) {
            const bool is_c = config.is("machine", "c");
            svm_parameter parameter = parameter_of(config, is_c ? C_SVC : NU_SVC);
            int label = 0;
            double weight = config.number("malignant_weight");
            if (is_c) {
              parameter.nr_weight = 1;
              parameter.weight_label = &label;
              parameter.weight = &weight;
            }
            return trained_svm(*data, parameter, tumour_loss);
          }};
}

Trainer svr_diabetes(const DataSets& sets) {
  const Json parameters = {{"machine", one_of({"epsilon", "nu"})},
                           {"c", log_range(1e-3, 10)},
                           {"epsilon", log_range(1e-3, 1)},
                           {"nu", real_range(0.05, 1)}};
  const Json conditions = {active_if("epsilon", "machine", {"epsilon"}),
                           active_if("nu", "machine", {"nu"})};
  const Split rows = with_standard_target(standardised(split(sets.diabetes, 150, 292)));
  return {"svr_diabetes",
          kernel_parameters(parameters, 0.3),
          kernel_conditions(conditions),
          1,
          1,
          [data = std::make_shared<const SvmData>(rows)](const Config& config, std::uint64_t) {
            const int type = config.is("machine", "nu") ? NU_SVR : EPSILON_SVR;
            return trained_svm(*data, parameter_of(config, type), [](double truth, double told) {
              return (truth - told) * (truth - told);
            });
          }};
}

}  // namespace

std::vector<Trainer> vector_machines(const Data& data) {
  svm_set_print_string_function([](const char*) {});
  return {svm_digits(*data), nusvm_cancer(*data), svr_diabetes(*data)};
}

}  // namespace scopa::bench
