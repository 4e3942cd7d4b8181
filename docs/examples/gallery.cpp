// Camera folder to gallery: every picture that arrives is scaled and stored, until SIGTERM or Ctrl-C. Quoted by
// docs/embedding.md.
//
//     penstock_example_gallery CAMERA_FOLDER GALLERY_FOLDER
// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>

#include "penstock/pipeline_builder.h"
#include "stages/builtin.h"

int main(int argc, char** argv) {
  using namespace penstock;
  if (argc != 3) {
    std::cerr << "usage: penstock_example_gallery CAMERA_FOLDER GALLERY_FOLDER\n";
    return 2;
  }
  const std::string camera = argv[1];
  const std::string gallery = std::filesystem::absolute(argv[2]).string();

  // Signals belong to the program, not to the library: this one waits for them. Before any thread exists.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Registry registry;
  stages::register_builtin_stages(registry);
  PipelineBuilder builder(registry, "gallery");
  builder.base(camera)
      .stage("watch", "camera", {{"root", "."}, {"glob", "*.jpg"}})
      .stage("download", "read", {{"url", "file:{key}"}, {"file_root", "."}})
      .stage("resize", "picture", {{"width", 640}, {"format", "jpeg"}})
      .stage("upload", "store", {{"to", "file:" + gallery + "/{key}"}});

  RunOptions options;
  options.on_failure = [](const FailureRecord& failure) {
    std::cout << failure.key << " was lost: " << failure.message << std::endl;
  };
  options.progress_interval = std::chrono::milliseconds(50);
  options.on_progress = [stored = std::uint64_t{0}](const Progress& progress) mutable {
    for (; stored < progress.items.done; ++stored) std::cout << "stored a picture" << std::endl;
  };
  Run run = builder.build().start(std::move(options));
  std::cout << "watching " << camera << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  run.drain();
  const RunReport& report = run.wait();
  std::cout << report.items.done << " pictures in the gallery" << std::endl;
  return report.items.failed == 0 && report.outcome == RunOutcome::drained ? 0 : 1;
}
