// The program that turns itself into a child process: what a child must do itself before it is executed.
//
//     penstock-launch PARENT PATH ARGUMENT0 ARGUMENT1 …
//
// It asks to be killed when the thread that started it ends, closes what it has inherited by accident, and executes
// PATH. If that fails, it writes the error number to kReportDescriptor, which is closed on exec. It stands without a C
// library, as one page that the kernel maps: starting a child costs little more than without it.
// SPDX-License-Identifier: Apache-2.0
#include "framework/io/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/prctl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): there is no standard library here.
#include <sys/syscall.h>

namespace {

using penstock::io::kNotExecuted;
using penstock::io::kReportDescriptor;

#if defined(__x86_64__)

long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  register long fourth __asm__("r10") = d;
  register long fifth __asm__("r8") = e;
  long result = number;
  __asm__ volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth) : "rcx", "r11", "memory");
  return result;
}

__asm__(
    ".text\n"
    ".global _start\n"
    "_start:\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call launch\n");

#elif defined(__aarch64__)

long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

__asm__(
    ".text\n"
    ".global _start\n"
    "_start:\n"
    "  mov x0, sp\n"
    "  bl launch\n");

#endif

long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

long number_of(const char* digits) {
  long number = 0;
  for (; *digits != '\0'; ++digits) number = number * 10 + (*digits - '0');
  return number;
}

}  // namespace

// Called with the stack as the kernel leaves it: the count of the arguments, the arguments, null, the environment.
extern "C" [[noreturn, gnu::used]] void launch(const long* stack) {
  const long count = stack[0];
  const auto* arguments = reinterpret_cast<const char* const*>(stack + 1);
  const char* const* environment = arguments + count + 1;
  system_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  // Who was orphaned before that call is not told.
  if (system_call(SYS_getppid) == number_of(arguments[1])) {
    system_call(SYS_close_range, kReportDescriptor + 1, ~0U, 0);
    system_call(SYS_fcntl, kReportDescriptor, F_SETFD, FD_CLOEXEC);
    const int error =
        static_cast<int>(-system_call(SYS_execve, address(arguments[2]), address(arguments + 3), address(environment)));
    system_call(SYS_write, kReportDescriptor, address(&error), sizeof error);
  }
  for (;;) system_call(SYS_exit_group, kNotExecuted);
}
