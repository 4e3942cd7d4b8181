// Tokens, bytes and permits, without a run.
// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace penstock::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Writes down its number when it is woken.
class Sleeper final : public MemoryWaiter {
 public:
  Sleeper(std::vector<std::uint64_t>& woken, std::uint64_t item, std::uint64_t bytes = 1,
          Purpose purpose = Purpose::work)
      : MemoryWaiter(purpose), woken_(woken) {
    place.sequence = item;
    amount = bytes;
  }
  void wake() noexcept override { woken_.push_back(place.sequence); }

 private:
  std::vector<std::uint64_t>& woken_;
};

class BudgetTest : public ::testing::Test {
 protected:
  std::vector<std::uint64_t> woken;
  Sleeper source{woken, 100};
};

TEST_F(BudgetTest, GrantsNoMoreTokensThanThereAre) {
  Budget budget(5, 100);
  EXPECT_EQ(budget.admit(3, source), 3U);
  EXPECT_EQ(budget.admit(3, source), 2U);
  EXPECT_EQ(budget.admit(3, source), 0U);
  EXPECT_EQ(budget.items_in_flight(), 5U);
}

TEST_F(BudgetTest, WakesEverySourceThatWaitsWhenATokenComesBack) {
  Sleeper other(woken, 101);
  Budget budget(1, 100);
  budget.admit(1, source);
  budget.admit(1, source);
  budget.admit(1, other);
  budget.release_tokens(1);
  EXPECT_THAT(woken, ElementsAre(100, 101));
}

TEST_F(BudgetTest, ShutsTheGateWhileMemoryIsUsedUp) {
  Budget budget(5, 100);
  Sleeper item(woken, 0, 100);
  EXPECT_EQ(budget.admit(1, source), 1U);
  EXPECT_TRUE(budget.reserve(item));
  EXPECT_EQ(budget.admit(1, source), 0U);
  budget.release(1);
  EXPECT_THAT(woken, ElementsAre(100));
}

TEST_F(BudgetTest, AdmitsOneItemWhenMemoryIsUsedUpAndNoneIsInFlight) {
  Budget budget(5, 100);
  Sleeper item(woken, 0, 100);
  EXPECT_TRUE(budget.reserve(item));
  EXPECT_EQ(budget.admit(4, source), 1U);
  EXPECT_EQ(budget.admit(4, source), 0U);
}

TEST_F(BudgetTest, LetsARequestWaitUntilItFits) {
  Budget budget(5, 100);
  Sleeper first(woken, 0, 60);
  Sleeper second(woken, 1, 60);
  EXPECT_TRUE(budget.reserve(first));
  EXPECT_FALSE(budget.reserve(second));
  budget.release(10);
  EXPECT_THAT(woken, IsEmpty());
  budget.release(10);
  EXPECT_THAT(woken, ElementsAre(1));
  EXPECT_EQ(budget.bytes(), 100U);
}

TEST_F(BudgetTest, ServesTheOldestItemFirst) {
  Budget budget(5, 100);
  Sleeper all(woken, 0, 100);
  Sleeper youngest(woken, 9, 10);
  Sleeper oldest(woken, 3, 90);
  Sleeper middle(woken, 5, 20);
  EXPECT_TRUE(budget.reserve(all));
  for (Sleeper* item : {&youngest, &oldest, &middle}) EXPECT_FALSE(budget.reserve(*item));
  budget.release(100);
  EXPECT_THAT(woken, ElementsAre(3)) << "9 would fit, but stands behind 5";
  budget.release(90);
  EXPECT_THAT(woken, ElementsAre(3, 5, 9));
}

TEST_F(BudgetTest, LetsNobodyOvertakeAnOlderWaiter) {
  Budget budget(5, 100);
  Sleeper half(woken, 0, 50);
  Sleeper big(woken, 1, 60);
  Sleeper small(woken, 2, 10);
  EXPECT_TRUE(budget.reserve(half));
  EXPECT_FALSE(budget.reserve(big));
  EXPECT_FALSE(budget.reserve(small));
}

TEST_F(BudgetTest, GivesANeedAboveTheWholeBudgetToWhoFindsNothingTaken) {
  Budget budget(5, 100);
  Sleeper small(woken, 0, 1);
  Sleeper huge(woken, 1, 500);
  EXPECT_TRUE(budget.reserve(small));
  EXPECT_FALSE(budget.reserve(huge));
  budget.release(1);
  EXPECT_THAT(woken, ElementsAre(1));
  EXPECT_EQ(budget.peak_bytes(), 500U);
}

TEST_F(BudgetTest, ServesThoseBehindAWaiterThatWithdraws) {
  Budget budget(5, 100);
  Sleeper half(woken, 0, 50);
  Sleeper big(woken, 1, 60);
  Sleeper small(woken, 2, 10);
  budget.reserve(half);
  budget.reserve(big);
  budget.reserve(small);
  EXPECT_TRUE(budget.withdraw(big));
  EXPECT_THAT(woken, ElementsAre(2));
  EXPECT_FALSE(budget.withdraw(small)) << "granted already";
}

TEST_F(BudgetTest, KeepsAQuarterOfTheMemoryForWork) {
  Budget budget(5, 100);
  Sleeper first(woken, 0, 60, MemoryWaiter::Purpose::growth);
  Sleeper second(woken, 1, 20, MemoryWaiter::Purpose::growth);
  Sleeper work(woken, 2, 40);
  EXPECT_TRUE(budget.reserve(first));
  EXPECT_FALSE(budget.reserve(second)) << "80 would be more than 75";
  EXPECT_TRUE(budget.reserve(work)) << "work stands behind older work only";
}

TEST_F(BudgetTest, LetsGrowthWaitBehindOlderWork) {
  Budget budget(5, 100);
  Sleeper half(woken, 0, 50);
  Sleeper work(woken, 1, 60);
  Sleeper growth(woken, 2, 10, MemoryWaiter::Purpose::growth);
  EXPECT_TRUE(budget.reserve(half));
  EXPECT_FALSE(budget.reserve(work));
  EXPECT_FALSE(budget.reserve(growth));
  budget.release(50);
  EXPECT_THAT(woken, ElementsAre(1, 2));
}

TEST_F(BudgetTest, LetsTheOldestFillTheLimitWhenNothingMoves) {
  Budget budget(5, 100);
  Sleeper first(woken, 0, 60, MemoryWaiter::Purpose::growth);
  Sleeper second(woken, 1, 40, MemoryWaiter::Purpose::growth);
  budget.reserve(first);
  budget.reserve(second);
  EXPECT_TRUE(budget.grant_when_still());
  EXPECT_THAT(woken, ElementsAre(1));
  EXPECT_EQ(budget.bytes(), 100U);
}

TEST_F(BudgetTest, LetsWorkThatFitsOvertakeWhenNothingMoves) {
  Budget budget(5, 100);
  Sleeper half(woken, 0, 50);
  Sleeper big(woken, 1, 60);
  Sleeper small(woken, 2, 10);
  for (Sleeper* item : {&half, &big, &small}) budget.reserve(*item);
  EXPECT_TRUE(budget.grant_when_still());
  EXPECT_THAT(woken, ElementsAre(2));
  EXPECT_FALSE(budget.grant_when_still());
}

TEST_F(BudgetTest, LetsWhatHasGrownOvertakeWhenNothingMoves) {
  Budget budget(5, 100);
  Sleeper growing(woken, 5, 70, MemoryWaiter::Purpose::growth);
  Sleeper work(woken, 1, 60);
  Sleeper rest(woken, 5, 20, MemoryWaiter::Purpose::growth);
  Sleeper beginning(woken, 4, 20, MemoryWaiter::Purpose::growth);
  rest.has_grown = true;
  for (Sleeper* item : {&growing, &work, &beginning, &rest}) budget.reserve(*item);
  EXPECT_TRUE(budget.grant_when_still());
  EXPECT_THAT(woken, ElementsAre(5)) << "only its end makes room for the work; 4 would take room and make none";
  EXPECT_FALSE(budget.grant_when_still());
}

TEST_F(BudgetTest, ForcesWhatHasGrownRatherThanOlderWork) {
  Budget budget(5, 100);
  Sleeper all(woken, 0, 100);
  Sleeper work(woken, 1, 60);
  Sleeper rest(woken, 5, 10, MemoryWaiter::Purpose::growth);
  rest.has_grown = true;
  for (Sleeper* item : {&all, &work, &rest}) budget.reserve(*item);
  EXPECT_TRUE(budget.force());
  EXPECT_THAT(woken, ElementsAre(5));
  EXPECT_EQ(budget.bytes(), 110U);
  EXPECT_TRUE(budget.force());
  EXPECT_THAT(woken, ElementsAre(5, 1));
}

TEST_F(BudgetTest, GivesANeedAboveTheWholeBudgetToWhoHoldsAllThatIsTaken) {
  Budget budget(5, 100);
  Sleeper own(woken, 0, 30);
  Sleeper rest(woken, 0, 500);
  rest.held = 30;
  EXPECT_TRUE(budget.reserve(own));
  EXPECT_TRUE(budget.reserve(rest));
}

TEST_F(BudgetTest, SaysWhatTheOldestIsShortOf) {
  Budget budget(5, 100);
  Sleeper payloads(woken, 0, 90);
  Sleeper young(woken, 2, 20);
  Sleeper old(woken, 1, 40);
  EXPECT_TRUE(budget.reserve(payloads));
  EXPECT_EQ(budget.shortage().bytes, 0U);
  budget.reserve(young);
  budget.reserve(old);
  EXPECT_EQ(budget.shortage().oldest, &old);
  EXPECT_EQ(budget.shortage().bytes, 30U);
  budget.release(30);
  EXPECT_THAT(woken, ElementsAre(1));
}

TEST_F(BudgetTest, IsShortOfWhatTheOthersHoldWhenOneNeedsMoreThanTheLimit) {
  Budget budget(5, 100);
  Sleeper payloads(woken, 0, 40);
  Sleeper huge(woken, 1, 500);
  huge.held = 20;
  budget.reserve(payloads);
  budget.reserve(huge);
  EXPECT_EQ(budget.shortage().bytes, 20U) << "alone with its own 20 bytes it may have the rest";
  budget.release(20);
  EXPECT_THAT(woken, ElementsAre(1));
}

TEST_F(BudgetTest, ForgetsAWaiterWithoutLettingOthersOn) {
  Budget budget(5, 100);
  Sleeper half(woken, 0, 50);
  Sleeper big(woken, 1, 60);
  Sleeper small(woken, 2, 10);
  for (Sleeper* item : {&half, &big, &small}) budget.reserve(*item);
  EXPECT_TRUE(budget.forget(big));
  EXPECT_THAT(woken, IsEmpty());
  EXPECT_FALSE(budget.forget(big)) << "it waits no more";
}

TEST_F(BudgetTest, HasAsManyPermitsForChildrenAsItems) {
  Budget budget(2, 100);
  Sleeper parent(woken, 0);
  EXPECT_TRUE(budget.try_take_child());
  EXPECT_TRUE(budget.take_child(parent));
  EXPECT_FALSE(budget.try_take_child());
  EXPECT_FALSE(budget.take_child(parent));
  budget.release_children(1);
  EXPECT_THAT(woken, ElementsAre(0));
  EXPECT_FALSE(budget.try_take_child()) << "the waiter has it";
}

TEST_F(BudgetTest, ForcesTheOldestBeyondTheLimit) {
  Budget budget(2, 100);
  Sleeper all(woken, 0, 100);
  Sleeper young(woken, 2, 30);
  Sleeper old(woken, 1, 30);
  for (Sleeper* item : {&all, &young, &old}) budget.reserve(*item);
  EXPECT_TRUE(budget.force());
  EXPECT_THAT(woken, ElementsAre(1));
  EXPECT_EQ(budget.bytes(), 130U);
}

TEST_F(BudgetTest, ForcesOneChildRatherThanMemory) {
  Budget budget(1, 100);
  Sleeper all(woken, 0, 100);
  Sleeper memory(woken, 1, 30);
  Sleeper parent(woken, 2);
  budget.reserve(all);
  EXPECT_TRUE(budget.try_take_child());
  EXPECT_FALSE(budget.take_child(parent));
  EXPECT_FALSE(budget.reserve(memory));
  EXPECT_TRUE(budget.force());
  EXPECT_THAT(woken, ElementsAre(2)) << "the permit may be what the memory waits for";
  EXPECT_EQ(budget.bytes(), 100U);
  EXPECT_TRUE(budget.force());
  EXPECT_THAT(woken, ElementsAre(2, 1));
}

TEST_F(BudgetTest, ForcesNobodyWhereNobodyWaits) {
  Budget budget(2, 100);
  EXPECT_FALSE(budget.force());
  EXPECT_FALSE(budget.force_child());
  EXPECT_FALSE(budget.has_starved());
}

TEST_F(BudgetTest, SendsSourcesHomeOnceTheRunStops) {
  Budget budget(1, 100);
  budget.admit(1, source);
  budget.admit(1, source);
  budget.open_for_stop();
  EXPECT_THAT(woken, ElementsAre(100));
  EXPECT_EQ(budget.admit(1, source), std::nullopt);
}

TEST_F(BudgetTest, OutlivesTheRunUntilTheLastChargeIsGivenBack) {
  auto* budget = new Budget(1, 100);
  Sleeper item(woken, 0, 10);
  ASSERT_TRUE(budget->reserve(item));
  MemoryCharge kept(budget, 10);
  budget->disown();
  EXPECT_EQ(budget->bytes(), 10U);  // A sanitizer would tell if it were gone.
  kept = MemoryCharge();            // And now it is: a leak checker would tell if not.
}

}  // namespace
}  // namespace penstock::runtime
