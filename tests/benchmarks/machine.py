"""What the machine can do, measured beside the systems: ``python -m tests.benchmarks.machine``.

Answers a line on stdin with one core's rates: multiply-adds in vectors as wide as its registers, ten
independent chains of them; the latency of one such chain; and how fast an array that no cache holds is read.
"""

import ctypes
import platform
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np

from tests.benchmarks.programs.protocol import say

CHAINS, STEPS, TRIALS = 10, 1_000_000, 15
READ = 256 * 2**20
SETS = ("avx512f", "avx2", "fma", "neon", "asimd")


def chains(number: int, lanes: int, kind: str) -> str:
    """Return LLVM's text of a loop over dependent multiply-adds in a number of registers."""
    vector = f"<{lanes} x {kind}>"
    code = f"v{lanes}f{32 if kind == 'float' else 64}"
    half = "<" + ", ".join([f"{kind} 0.5"] * lanes) + ">"
    here = [f"%a{k} = phi {vector} [ {half}, %entry ], [ %b{k}, %loop ]" for k in range(number)]
    fma = f"call {vector} @llvm.fma.{code}({vector} %a{{k}}, {vector} {half}, {vector} {half})"
    next_ = [f"%b{k} = " + fma.format(k=k) for k in range(number)]
    sums = [f"%s{k + 1} = fadd {vector} {f'%s{k}' if k else half}, %b{k}" for k in range(number)]
    return "\n".join(
        [
            f"declare {vector} @llvm.fma.{code}({vector}, {vector}, {vector})",
            "define void @run(i64 %n, ptr %out) {",
            "entry:\n br label %loop",
            "loop:\n %i = phi i64 [ 0, %entry ], [ %next, %loop ]",
            *here,
            *next_,
            "%next = add i64 %i, 1",
            "%more = icmp slt i64 %next, %n",
            "br i1 %more, label %loop, label %end",
            "end:",
            *sums,
            f"store {vector} %s{number}, ptr %out, align 4",
            "ret void\n}",
        ]
    )


def per_step(number: int, lanes: int, kind: str) -> float:
    """Return the seconds of a step of the loop, the least of some trials."""
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3
    )
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(chains(number, lanes, kind)), machine)
    engine.finalize_object()
    run = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(engine.get_function_address("run"))
    out = np.empty(lanes)
    return least(lambda: run(STEPS, out.ctypes.data)) / STEPS


def least(call: Callable[[], object]) -> float:
    """Return the least seconds of some trials."""
    seconds: list[float] = []
    for _ in range(TRIALS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def limits() -> dict[str, float]:
    """Return multiply-adds a second in both types, seconds of one in a chain, and bytes read a second."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    width = 16 if llvm.get_host_cpu_features().get("avx512f") else 8
    array = np.ones(READ // 8)
    return {
        "float32": CHAINS * width / per_step(CHAINS, width, "float"),
        "float64": CHAINS * width / 2 / per_step(CHAINS, width // 2, "double"),
        "latency": per_step(1, 1, "double"),
        "bytes": READ / least(lambda: array @ array),
    }


def processor() -> str:
    """Return what the system says of its processor: name, cores, the widest of its instruction sets."""
    file = Path("/proc/cpuinfo")
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    cores = len(re.findall(r"^processor\s*:", text, re.MULTILINE))
    known = next((kind for kind in SETS if re.search(rf"\b{kind}\b", text)), "")
    parts = [name[1].strip() if name else platform.processor() or platform.machine()]
    return ", ".join([*parts, *([f"{cores} cores"] if cores else []), *([known] if known else [])])


if __name__ == "__main__":
    say()
    for _ in sys.stdin:
        say(**limits())
