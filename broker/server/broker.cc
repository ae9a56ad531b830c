#include "broker/server/broker.h"

#include <utility>

#include "broker/server/loop.h"

namespace scopa::server {
namespace {

class LoopBroker final : public Broker {
 public:
  explicit LoopBroker(BrokerOptions options) : loop_(std::move(options)) {}

  Status open() { return loop_.open(); }
  Status run() override { return loop_.run(); }
  void stop() override { loop_.stop(); }
  std::vector<std::string> endpoints() const override { return loop_.endpoints(); }
  BrokerTotals totals() const override { return loop_.totals(); }

 private:
  Loop loop_;
};

}  // namespace

Result<std::unique_ptr<Broker>> Broker::open(BrokerOptions options) {
  auto broker = std::make_unique<LoopBroker>(std::move(options));
  SCOPA_RETURN_IF_ERROR(broker->open());
  return std::unique_ptr<Broker>(std::move(broker));
}

}  // namespace scopa::server
