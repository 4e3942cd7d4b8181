// Every mistake that check finds between stages, with its whole message.
// SPDX-License-Identifier: Apache-2.0
#include "tests/framework/graph/graph_errors.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/test_stages.h"

namespace penstock::graph {
namespace {

struct NamedParams {
  std::vector<std::string> attributes;
};

/// Reads the attributes that its option names.
class Named final : public Transform<Payload, void> {
 public:
  void process(const Payload&, StageContext&) const override {}
};

/// Declares what it will need.
class Needy final : public Transform<Payload, void> {
 public:
  void process(const Payload&, StageContext&) const override {}
  std::uint64_t memory_need(const Payload&, const StageContext&) const { return 1; }
};

Registry registry() {
  Registry all = test::test_registry();
  all.add(describe_stage<Needy>("needy").summary("Needs memory.").input<Payload>("item", "Any."));
  StageSpec named = describe_stage<Named, NamedParams>("named")
                        .summary("Reads attributes.")
                        .input<Payload>("item", "Any.")
                        .param(&NamedParams::attributes, "attributes", "Their names.");
  named.params[0].used_attributes = [](const void* params) {
    return static_cast<const NamedParams*>(params)->attributes;
  };
  all.add(named);
  return all;
}

struct Case {
  const char* name;
  std::string stages;  ///< From line 2 on.
  std::string errors;
  std::string more = "";
};

class GraphErrors : public testing::TestWithParam<Case> {};

TEST_P(GraphErrors, SayWhatWhereWhyAndHelp) {
  EXPECT_EQ(check(with_stages(GetParam().stages, GetParam().more), registry()).text(), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Table, GraphErrors,
    testing::Values(
        Case{"UnknownType",
             "{\"type\": \"numbres\"},\n"
             "{\"type\": \"discard\"}",
             "f:2:10: error[stage.unknown_type] at /stages/0/type\n"
             "  stage \"numbres\": there is no stage type `numbres`; there are: add, block, convert, deal, discard, "
             "double, halve, handles, named, needy, nothing, numbers, pass, print, repeat, running_sum, sum, to_text, "
             "wait\n"
             "  help: did you mean `numbers`?\n"},
        Case{"UnknownOption",
             "{\"type\": \"numbers\", \"concurency\": 3},\n"
             "{\"type\": \"discard\", \"path\": 1}",
             "f:2:21: error[option.unknown] at /stages/0/concurency\n"
             "  stage \"numbers\": `numbers` has no option `concurency`; it has: count\n"
             "  help: did you mean `concurrency`?\n"
             "f:3:21: error[option.unknown] at /stages/1/path\n"
             "  stage \"discard\": `discard` has no option `path`; it has none of its own\n"},
        Case{"FirstStageReadsNothing",
             "{\"type\": \"add\"},\n"
             "{\"type\": \"discard\"}",
             "f:2:1: error[graph.unfed_input] at /stages/0\n"
             "  stage \"add\": `add` expected something to read, got no stage before it and no `from`\n"
             "  help: begin with a source, or say what it reads with `from`\n"},
        Case{"SourceWithFrom",
             "{\"name\": \"a\", \"type\": \"numbers\"},\n"
             "{\"type\": \"numbers\", \"from\": \"a\"},\n"
             "{\"type\": \"discard\", \"from\": [\"a\", \"numbers\"]}",
             "f:3:29: error[graph.source_with_input] at /stages/1/from\n"
             "  stage \"numbers\": `numbers` is a source: expected no `from`, got \"a\"\n"
             "  help: remove `from`\n"},
        Case{"UnreadSource",
             "{\"name\": \"a\", \"type\": \"numbers\"},\n"
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"discard\"}",
             "f:2:1: error[graph.unread_source] at /stages/0\n"
             "  stage \"a\": expected a stage that reads this source, got none\n"
             "  help: add a stage behind it, or one with \"from\": \"a\"\n"},
        Case{"UnknownStageDoesNotAlsoLeaveItsSourceUnread",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"discard\", \"from\": \"nubmers\"}",
             "f:3:29: error[graph.unknown_stage] at /stages/1/from\n"
             "  stage \"discard\": there is no stage \"nubmers\" to read; there are: numbers, discard\n"
             "  help: did you mean `numbers`?\n"},
        Case{"NoOutputBefore",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"discard\"},\n"
             "{\"type\": \"add\"}",
             "f:4:1: error[graph.no_output] at /stages/2\n"
             "  stage \"add\": it reads the stage before it, \"discard\", but `discard` has no output\n"
             "  help: say with `from` which stage it reads\n"},
        Case{"NoOutputNamed",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"discard\"},\n"
             "{\"type\": \"add\", \"from\": \"discard\"}",
             "f:4:25: error[graph.no_output] at /stages/2/from\n"
             "  stage \"add\": it reads \"discard\", but `discard` has no output\n"
             "  help: items that failed in it are at \"discard.failed\"\n"},
        Case{"UnknownPort",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"deal\"},\n"
             "{\"type\": \"discard\", \"from\": [\"deal.evne\", \"deal.odd\"]}",
             "f:4:30: error[graph.unknown_port] at /stages/2/from/0\n"
             "  stage \"discard\": \"deal\" has no port `evne`; it has: even, odd, failed\n"
             "  help: did you mean `even`?\n"},
        Case{"RoutePortNotNamed",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"deal\"},\n"
             "{\"type\": \"discard\"},\n"
             "{\"name\": \"d\", \"type\": \"discard\", \"from\": \"deal\"}",
             "f:4:1: error[graph.port_not_named] at /stages/2\n"
             "  stage \"discard\": it reads the stage before it, \"deal\", which has several ports: even, "
             "odd, failed\n"
             "  help: say with `from` which port it reads\n"
             "f:5:42: error[graph.port_not_named] at /stages/3/from\n"
             "  stage \"d\": \"deal\" has several ports: even, odd, failed\n"
             "  help: name one of them, e.g. \"deal.even\"\n"},
        Case{"FailedPortOfASource",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"discard\", \"from\": [\"numbers\", \"numbers.failed\"]}",
             "f:3:41: error[graph.unknown_port] at /stages/1/from/1\n"
             "  stage \"discard\": \"numbers\" is a source: no item comes into it, so it has no port `failed`\n"
             "  help: read the source itself\n"},
        Case{"DuplicateEdge",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"discard\", \"from\": [\"numbers\", \"numbers.number\"]}",
             "f:3:41: error[graph.duplicate_edge] at /stages/1/from/1\n"
             "  stage \"discard\": expected each port once in `from`, got \"numbers.number\" again\n"
             "  help: remove one of them\n"},
        Case{"DuplicateName",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"add\"},\n"
             "{\"type\": \"add\"},\n"
             "{\"type\": \"discard\"}",
             "f:4:1: error[stage.duplicate_name] at /stages/2\n"
             "  stage \"add\": expected a name of its own, got that of the stage at 3:1\n"
             "  help: give one of them another `name`\n"},
        Case{"Cycle",
             "{\"type\": \"numbers\"},\n"
             "{\"name\": \"a\", \"type\": \"add\", \"from\": [\"numbers\", \"c\"]},\n"
             "{\"name\": \"b\", \"type\": \"add\"},\n"
             "{\"name\": \"c\", \"type\": \"add\"},\n"
             "{\"type\": \"discard\"}",
             "f:3:38: error[graph.cycle] at /stages/1/from\n"
             "  stage \"a\": items would go round for ever: \"a\" -> \"b\" -> \"c\" -> \"a\"\n"
             "  help: let one of these stages read another one\n"},
        Case{"ReadsItself",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"add\", \"from\": [\"numbers\", \"add\"]},\n"
             "{\"type\": \"discard\"}",
             "f:3:25: error[graph.cycle] at /stages/1/from\n"
             "  stage \"add\": items would go round for ever: \"add\" -> \"add\"\n"
             "  help: let one of these stages read another one\n"},
        Case{"TypeMismatch",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"print\"}",
             "f:3:1: error[graph.type_mismatch] at /stages/1\n"
             "  stage \"print\": `print` expected `text`, got `integer` from \"numbers\" (`numbers`)\n"
             "  help: put a stage between them that makes one out of the other\n"},
        Case{"TypeMismatchThroughStagesThatHandOn",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"to_text\"},\n"
             "{\"type\": \"pass\", \"from\": [\"to_text\", \"numbers\"]},\n"
             "{\"type\": \"print\"}",
             "f:5:1: error[graph.type_mismatch] at /stages/3\n"
             "  stage \"print\": `print` expected `text`, got `integer` from \"pass\" (`pass`)\n"
             "  help: put a stage between them that makes one out of the other\n"},
        Case{"TypeMismatchOfABase",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"halve\"},\n"
             "{\"type\": \"discard\"}",
             "f:3:1: error[graph.type_mismatch] at /stages/1\n"
             "  stage \"halve\": `halve` expected `even`, got `integer` from \"numbers\" (`numbers`)\n"
             "  help: put a stage between them that makes one out of the other\n"},
        Case{"FailedItemsCarryTheInput",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"to_text\"},\n"
             "{\"type\": \"print\"},\n"
             "{\"name\": \"failed\", \"type\": \"print\", \"from\": \"to_text.failed\"}",
             "f:5:45: error[graph.type_mismatch] at /stages/3/from\n"
             "  stage \"failed\": `print` expected `text`, got `integer` from the failed items of "
             "\"to_text\" (`to_text`)\n"
             "  help: put a stage between them that makes one out of the other\n"},
        Case{"MoveOnlyFanOut",
             "{\"type\": \"handles\"},\n"
             "{\"type\": \"discard\"},\n"
             "{\"name\": \"again\", \"type\": \"discard\", \"from\": \"handles\"}",
             "f:2:1: error[graph.move_only] at /stages/0\n"
             "  stage \"handles\": `handle` cannot be copied: expected one reader, got 2: \"discard\", \"again\"\n"
             "  help: let one of them read it\n"},
        Case{"MoveOnlyRetry",
             "{\"type\": \"handles\"},\n"
             "{\"type\": \"wait\", \"retry\": {\"attempts\": 2}},\n"
             "{\"type\": \"discard\"}",
             "f:3:27: error[graph.move_only] at /stages/1/retry\n"
             "  stage \"wait\": `handle` cannot be copied, so it cannot be kept for another attempt: "
             "expected no `retry`, got 2 attempts\n"
             "  help: remove `retry`\n"},
        Case{"CollectorsExceedItems",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"sum\", \"size\": 10},\n"
             "{\"name\": \"sums\", \"type\": \"sum\", \"size\": 5},\n"
             "{\"type\": \"discard\"}",
             "f:1:22: error[graph.collectors_exceed_items] at /limits/items\n"
             "  expected `limits.items` of at least 59, got 58: so many items may wait in collectors: "
             "\"sum\" 10, \"sums\" 50\n"
             "  help: set `limits.items` to 59 or more, or collect fewer items at once\n",
             "\"limits\": {\"items\": 58}, "},
        Case{"KeysOfSources",
             "{\"type\": \"numbers\", \"concurrency\": 2, \"queue\": 1, \"ordered\": true, \"on_failure\": "
             "\"stop\",\n"
             "\"timeout\": \"1 s\", \"retry\": {\"attempts\": 2}},\n"
             "{\"type\": \"discard\"}",
             "f:2:36: error[stage.unsupported] at /stages/0/concurrency\n"
             "  stage \"numbers\": option `concurrency`: `numbers` is a source, which emits one item after "
             "the other\n"
             "  help: remove `concurrency`\n"
             "f:2:48: error[stage.unsupported] at /stages/0/queue\n"
             "  stage \"numbers\": option `queue`: `numbers` is a source: nothing waits before it\n"
             "  help: remove `queue`\n"
             "f:2:62: error[stage.unsupported] at /stages/0/ordered\n"
             "  stage \"numbers\": option `ordered`: `numbers` is a source: its items are the order\n"
             "  help: remove `ordered`\n"
             "f:2:82: error[stage.unsupported] at /stages/0/on_failure\n"
             "  stage \"numbers\": option `on_failure`: `numbers` is a source: no item comes into it that "
             "could fail\n"
             "  help: remove `on_failure`\n"
             "f:3:12: error[stage.unsupported] at /stages/0/timeout\n"
             "  stage \"numbers\": option `timeout`: `numbers` is a source and cannot be interrupted; only "
             "stages that wait on the event loop can: expected no timeout, got \"1 s\"\n"
             "  help: remove `timeout`\n"
             "f:3:28: error[stage.unsupported] at /stages/0/retry\n"
             "  stage \"numbers\": option `retry`: `numbers` is a source, which has no item to try again: "
             "expected no retry, got 2 attempts\n"
             "  help: remove `retry`\n"},
        Case{"KeysOfOtherKinds",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"running_sum\", \"concurrency\": 2, \"timeout\": \"1 s\"},\n"
             "{\"type\": \"repeat\", \"retry\": {\"attempts\": 3}},\n"
             "{\"type\": \"sum\", \"retry\": {\"attempts\": 3}, \"concurrency\": \"unlimited\"},\n"
             "{\"type\": \"block\", \"concurrency\": \"unlimited\", \"timeout\": \"2 s\"},\n"
             "{\"type\": \"discard\"}",
             "f:3:40: error[stage.unsupported] at /stages/1/concurrency\n"
             "  stage \"running_sum\": option `concurrency`: `running_sum` keeps state and works on one "
             "item at a time: expected \"serial\", got 2\n"
             "  help: remove `concurrency`\n"
             "f:3:54: error[stage.unsupported] at /stages/1/timeout\n"
             "  stage \"running_sum\": option `timeout`: `running_sum` keeps state and works on one item "
             "at a time and cannot be interrupted; only stages that wait on the event loop can: expected "
             "no timeout, got \"1 s\"\n"
             "  help: remove `timeout`\n"
             "f:4:29: error[stage.unsupported] at /stages/2/retry\n"
             "  stage \"repeat\": option `retry`: `repeat` makes many items of one, some of which have "
             "left when it fails: expected no retry, got 3 attempts\n"
             "  help: remove `retry`\n"
             "f:5:26: error[stage.unsupported] at /stages/3/retry\n"
             "  stage \"sum\": option `retry`: `sum` makes one item of many, one at a time, and cannot "
             "take back what it has added: expected no retry, got 3 attempts\n"
             "  help: remove `retry`\n"
             "f:5:58: error[stage.unsupported] at /stages/3/concurrency\n"
             "  stage \"sum\": option `concurrency`: `sum` makes one item of many, one at a time: expected "
             "\"serial\", got \"unlimited\"\n"
             "  help: remove `concurrency`\n"
             "f:6:34: error[stage.unsupported] at /stages/4/concurrency\n"
             "  stage \"block\": option `concurrency`: `block` is one blocking call, which takes a thread "
             "for each item in work: expected a number, got \"unlimited\"\n"
             "  help: write a number\n"
             "f:6:58: error[stage.unsupported] at /stages/4/timeout\n"
             "  stage \"block\": option `timeout`: `block` is one blocking call and cannot be interrupted; "
             "only stages that wait on the event loop can: expected no timeout, got \"2 s\"\n"
             "  help: remove `timeout`\n"},
        Case{"QueueBeforeAWaitForMemoryIsFine",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"needy\", \"queue\": 4, \"concurrency\": 2}",
             ""},
        Case{"QueueBehindAnOrderIsAWarning",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"wait\", \"ordered\": true, \"queue\": 4}",
             "f:3:44: warning[stage.queue_without_effect] at /stages/1/queue\n"
             "  stage \"wait\": option `queue` bounds nothing here: `ordered` lets items wait for their turn first, "
             "and those are not counted\n"
             "  help: remove `queue`; `concurrency` and `limits` bound the stage\n"},
        Case{"QueueOfAPlainStageIsFine",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"wait\", \"queue\": 4, \"ordered\": false}",
             ""},
        Case{"UnknownAttribute",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"add\"},\n"
             "{\"type\": \"named\", \"attributes\": [\"number.parity\", \"add.amuont\", \"error.code\"]}",
             "f:4:33: error[template.unknown_attribute] at /stages/2/attributes\n"
             "  stage \"named\": option `attributes`: expected an attribute that a stage before this one "
             "sets, got `add.amuont`; there are: add.amount, number.parity\n"
             "  help: did you mean `add.amount`?\n"
             "f:4:33: error[template.unknown_attribute] at /stages/2/attributes\n"
             "  stage \"named\": option `attributes`: expected an attribute that a stage before this one "
             "sets, got `error.code`; there are: add.amount, number.parity\n"},
        Case{"KnownAttributesBehindAFailedPort",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"add\"},\n"
             "{\"type\": \"named\", \"from\": \"add.failed\", \"attributes\": [\"error.code\", \"retry_after\", "
             "\"add.amount\"]}",
             "f:4:55: error[template.unknown_attribute] at /stages/2/attributes\n"
             "  stage \"named\": option `attributes`: expected an attribute that a stage before this one "
             "sets, got `add.amount`; there are: error.attempts, error.code, error.message, error.stage, "
             "number.parity, retry_after\n"},
        Case{"AnyAttributesMayBeThere",
             "{\"type\": \"nothing\"},\n"
             "{\"type\": \"named\", \"attributes\": [\"what.ever\"]}",
             ""},
        Case{"RoutePorts",
             "{\"type\": \"numbers\"},\n"
             "{\"type\": \"deal\", \"ports\": [\"a\", \"failed\"]},\n"
             "{\"type\": \"discard\", \"from\": \"deal.a\"}",
             "f:3:27: error[stage.port_name] at /stages/1/ports\n"
             "  stage \"deal\": every stage has a port `failed` already\n"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace penstock::graph
