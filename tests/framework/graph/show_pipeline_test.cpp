// SPDX-License-Identifier: Apache-2.0
#include "framework/graph/show_pipeline.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/framework/graph/graph_errors.h"
#include "tests/support/test_stages.h"

namespace penstock::graph {
namespace {

struct Inner {
  std::optional<int> unset;
  std::string user = "nobody";
  std::string password;
};
std::vector<ParamSpec> params_of(const Inner*) {
  std::vector<ParamSpec> params = {param(&Inner::unset, "unset", "Not there."), param(&Inner::user, "user", "Who."),
                                   param(&Inner::password, "password", "Hush.")};
  params[2].is_secret = true;
  return params;
}

struct SendParams {
  std::string to;
  std::string token;
  std::optional<int> unset;
  Inner login;
  FilePath log;
};

class Send final : public Transform<Payload, void> {
 public:
  void process(const Payload&, StageContext&) const override {}
};

Registry registry() {
  Registry all = test::test_registry();
  all.add(describe_stage<Send, SendParams>("send")
              .summary("Sends.")
              .input<Payload>("item", "Any.")
              .param(&SendParams::to, "to", "Where.")
              .required()
              .param(&SendParams::token, "token", "Secret.")
              .secret()
              .param(&SendParams::unset, "unset", "Not there.")
              .param(&SendParams::login, "login", "Who.")
              .param(&SendParams::log, "log", "Where to write."));
  return all;
}

std::string show(const std::string& text) {
  const Checked checked = check(text, registry());
  EXPECT_EQ(checked.text(), "");
  return checked.graph ? show_pipeline(*checked.config, *checked.graph) : "";
}

TEST(ShowPipeline, FillsInDefaultsAndHidesSecrets) {
  setenv("PENSTOCK_TEST_HOST", "host.example", 1);
  EXPECT_EQ(show(R"({"name": "p", "params": {"n": 3, "token": "t0p"}, "stages": [
      {"type": "numbers", "count": "${n}"},
      {"type": "send", "to": "https://${env:PENSTOCK_TEST_HOST}/$${x}/${n}", "token": "${token}",
       "login": {"password": "pw"}}]})"),
            R"({
  "name": "p",
  "description": "",
  "limits": {
    "items": 256,
    "memory": "1 GiB"
  },
  "stages": [
    {
      "name": "numbers",
      "type": "numbers",
      "ordered": false,
      "retry": {
        "attempts": 1,
        "backoff": "500 ms",
        "max_backoff": "30 s"
      },
      "on_failure": "report",
      "fuse": true,
      "isolation": "none",
      "count": 3
    },
    {
      "name": "send",
      "type": "send",
      "from": "numbers",
      "concurrency": "unlimited",
      "ordered": false,
      "retry": {
        "attempts": 1,
        "backoff": "500 ms",
        "max_backoff": "30 s"
      },
      "on_failure": "report",
      "fuse": true,
      "isolation": "none",
      "to": "https://${env:PENSTOCK_TEST_HOST}/$${x}/3",
      "token": "***",
      "login": {
        "user": "nobody",
        "password": "***"
      }
    }
  ]
}
)");
}

TEST(ShowPipeline, NamesThePortsThatAreRead) {
  const std::string shown = show(R"({"stages": [{"type": "numbers"}, {"type": "deal"},
      {"type": "discard", "from": ["deal.odd", "deal.failed"]}]})");
  EXPECT_NE(shown.find("\"from\": [\n        \"deal.odd\",\n        \"deal.failed\"\n      ]"), std::string::npos)
      << shown;
}

TEST(ShowPipeline, PassesCheckAndShowsTheSameAgain) {
  setenv("PENSTOCK_TEST_HOST", "host.example", 1);
  const std::string shown = show(R"({"name": "p", "params": {"n": 3}, "stages": [
      {"type": "numbers", "count": "${n}"}, {"type": "repeat"}, {"type": "wait"}, {"type": "block"}, {"type": "sum"},
      {"type": "running_sum"}, {"type": "deal"}, {"type": "discard", "from": "deal.even"},
      {"type": "send", "to": "$${a}${env:PENSTOCK_TEST_HOST}", "token": "t", "from": "deal.odd"}]})");
  EXPECT_EQ(show(shown), shown);
}

}  // namespace
}  // namespace penstock::graph
