#include "worker/cause.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <ostream>

#include "sdk/session/failure_cause.h"

namespace scopa {

void PrintTo(Cause cause, std::ostream* out) {
  *out << (cause == Cause::kNone ? "none" : name_of(cause));
}

namespace worker {
namespace {

EndFacts exited(int code, std::string_view output = "") {
  EndFacts facts;
  facts.code = code;
  facts.output = output;
  return facts;
}

EndFacts killed(int signal, std::string_view output = "") {
  EndFacts facts = exited(signal, output);
  facts.by_signal = true;
  return facts;
}

TEST(CauseTest, EachEndHasItsCause) {
  struct Case {
    const char* what;
    EndFacts facts;
    Cause cause;
  };
  EndFacts kernel = killed(SIGKILL);
  kernel.oom_kills = true;
  EndFacts shells_kernel = exited(128 + SIGKILL);
  shells_kernel.oom_kills = true;
  EndFacts others_memory = killed(SIGSEGV);
  others_memory.oom_kills = true;
  EndFacts stopped = killed(SIGKILL, "std::bad_alloc");
  stopped.told_to_stop = true;
  EndFacts interrupted = killed(SIGTERM);
  interrupted.interrupted = true;
  const Case cases[] = {
      {"a good end", exited(0, "out of memory, trying a smaller batch"), Cause::kNone},
      {"an exit code", exited(3, "usage: train FILE"), Cause::kUserError},
      {"an exit code without a word", exited(255), Cause::kUserError},
      {"an exit code that looks like SIGINT", exited(130), Cause::kUserError},
      {"a signal", killed(SIGSEGV), Cause::kCrash},
      {"an assertion", killed(SIGABRT, "Assertion `n > 0' failed."), Cause::kCrash},
      {"a shell's word of a signal", exited(139, "Segmentation fault"), Cause::kCrash},
      {"kill -9 by a person", killed(SIGKILL), Cause::kCrash},
      {"kill by a person", killed(SIGTERM), Cause::kCrash},
      {"the kernel's OOM killer", kernel, Cause::kOom},
      {"the kernel's OOM killer, under a shell", shells_kernel, Cause::kOom},
      {"a crash while the kernel killed somebody else", others_memory, Cause::kCrash},
      {"an uncaught bad_alloc",
       killed(SIGABRT,
              "terminate called after throwing an instance of 'std::bad_alloc'\n"
              "  what():  std::bad_alloc"),
       Cause::kOom},
      {"CUDA's memory", exited(1, "CUDA out of memory. Tried to allocate 2.00 GiB"), Cause::kOom},
      {"no GPU", exited(1, "CUDA error: no CUDA-capable device is detected"), Cause::kNode},
      {"told to stop", stopped, Cause::kNone},
      {"SLURM's SIGTERM", interrupted, Cause::kPreempted},
  };
  for (const Case& c : cases) EXPECT_EQ(cause_of_end(c.facts).cause, c.cause) << c.what;
}

TEST(CauseTest, ACrashNamesItsSignal) {
  EXPECT_EQ(cause_of_end(killed(SIGSEGV)).why, "SIGSEGV");
  EXPECT_EQ(cause_of_end(exited(134)).why, "its program was ended by SIGABRT");
  EXPECT_EQ(cause_of_end(killed(SIGRTMIN + 1)).why, "signal " + std::to_string(SIGRTMIN + 1));
  EXPECT_EQ(cause_of_end(exited(3)).why, "");
}

TEST(FailureCauseTest, TheWordsOfManyProgramsAreKnown) {
  struct Case {
    const char* text;
    Cause cause;
  };
  // As the programs print them.
  const Case cases[] = {
      {"torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB", Cause::kOom},
      {"torch.OutOfMemoryError: HIP out of memory.", Cause::kOom},
      {"RuntimeError: CUDA error: out of memory", Cause::kOom},
      {"cudaMalloc failed: cudaErrorMemoryAllocation", Cause::kOom},
      {"CUDA_ERROR_OUT_OF_MEMORY", Cause::kOom},
      {"RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
       Cause::kOom},
      {"jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory allocating 1 bytes",
       Cause::kOom},
      {"RuntimeError: [enforce fail at alloc_cpu.cpp:83] err == 0. DefaultCPUAllocator: can't "
       "allocate memory: you tried to allocate 8 bytes. Error code 12 (Cannot allocate memory)",
       Cause::kOom},
      {"numpy.core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB", Cause::kOom},
      {"MemoryError", Cause::kOom},
      {"  what():  std::bad_alloc", Cause::kOom},
      {"slurmstepd: error: Detected 1 oom_kill event in StepId=1.0. Some of the step tasks have "
       "been OOM Killed.",
       Cause::kOom},
      {"RuntimeError: No CUDA GPUs are available", Cause::kNode},
      {"no CUDA device", Cause::kNode},
      {"CUDA error: no CUDA-capable device is detected", Cause::kNode},
      {"cudaErrorNoDevice", Cause::kNode},
      {"CUDA driver version is insufficient for CUDA runtime version", Cause::kNode},
      {"Failed to initialize NVML: Driver/library version mismatch", Cause::kNode},
      {"CUDA error: all CUDA-capable devices are busy or unavailable", Cause::kNode},
      {"CUDA error: uncorrectable ECC error encountered", Cause::kNode},
      {"OSError: [Errno 28] No space left on device: 'model.pt'", Cause::kNode},
      {"std::filesystem: Input/output error", Cause::kNode},
      {"CUDA error: an illegal memory access was encountered", Cause::kNone},
      {"FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'", Cause::kNone},
      {"ValueError: batch_size must be positive", Cause::kNone},
      {"", Cause::kNone},
  };
  for (const Case& c : cases) EXPECT_EQ(session::cause_in_text(c.text), c.cause) << c.text;
}

TEST(FailureCauseTest, TheLastLineThatTellsSomethingCounts) {
  EXPECT_EQ(session::cause_in_text("out of memory, using the disk\nNo space left on device\nbye\n"),
            Cause::kNode);
  EXPECT_EQ(session::cause_in_text("no CUDA device, using the CPU\nstd::bad_alloc"), Cause::kOom);
  EXPECT_EQ(session::cause_in_text("\n\n"), Cause::kNone);
}

TEST(FailureCauseTest, AStartFailsByTheCommandOrByTheMachine) {
  using session::cause_of_start_failure;
  EXPECT_EQ(cause_of_start_failure({Code::kNotFound, "no program"}), Cause::kUserError);
  EXPECT_EQ(cause_of_start_failure({Code::kInvalidArgument, "no #!"}), Cause::kUserError);
  EXPECT_EQ(cause_of_start_failure({Code::kResource, "no processes"}), Cause::kNode);
}

}  // namespace
}  // namespace worker
}  // namespace scopa
