#include "broker/server/clients.h"

#include <gtest/gtest.h>

namespace scopa::server {
namespace {

TEST(ClientsTest, AConnectionKeepsItsName) {
  Clients clients;
  std::optional<core::ClientId> evicted;
  const core::ClientId a = clients.heard("a", &evicted);
  const core::ClientId b = clients.heard("b", &evicted);
  EXPECT_NE(a, b);
  EXPECT_EQ(clients.heard("a", &evicted), a);
  EXPECT_EQ(*clients.routing_id(b), "b");
  EXPECT_FALSE(evicted);
}

TEST(ClientsTest, ANameIsNeverUsedAgain) {
  Clients clients;
  std::optional<core::ClientId> evicted;
  const core::ClientId first = clients.heard("a", &evicted);
  clients.forget(first);
  EXPECT_EQ(clients.routing_id(first), nullptr);
  EXPECT_NE(clients.heard("a", &evicted), first);
}

TEST(ClientsTest, AConnectionIsForgottenByItsRoutingId) {
  Clients clients;
  std::optional<core::ClientId> evicted;
  const core::ClientId a = clients.heard("a", &evicted);
  EXPECT_EQ(clients.forget(std::string_view("a")), a);
  EXPECT_EQ(clients.forget(std::string_view("a")), std::nullopt);
  EXPECT_EQ(clients.size(), 0u);
}

TEST(ClientsTest, TheLongestSilentMakesRoom) {
  Clients clients;
  clients.set_max(2);
  std::optional<core::ClientId> evicted;
  const core::ClientId a = clients.heard("a", &evicted);
  const core::ClientId b = clients.heard("b", &evicted);
  (void)clients.heard("a", &evicted);
  (void)clients.heard("c", &evicted);
  EXPECT_EQ(evicted, b);
  EXPECT_EQ(clients.routing_id(b), nullptr);
  EXPECT_NE(clients.routing_id(a), nullptr);
  EXPECT_EQ(clients.size(), 2u);
}

}  // namespace
}  // namespace scopa::server
