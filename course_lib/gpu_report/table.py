"""The report's second part: a table of milliseconds a step, as ratios of one run, and where the time goes."""

from collections.abc import Callable
from dataclasses import replace

import torch

from course_lib.experiments.cgan import cgan_mnist_parzen
from course_lib.experiments.gan import gan_mnist_parzen
from course_lib.experiments.improved import semi_mnist, table_one
from course_lib.gpu_report.log import Log
from course_lib.gpu_report.speed import BATCH, Settings, ms_a_step, ours, plain_loop, timed

FORTY = {"labels": (20, 50, 100, 200), "seeds": 10}


def measure_speed(log: Log, where: torch.device, minutes: float) -> None:
    """Time every row, whatever becomes of the others, as far as the time goes."""
    end, found = log.clock() + 60 * minutes, {}
    for name, measure in rows(where):
        if log.clock() > end:
            log.say(f"left out: {name}")
            continue
        try:
            with log.somewhere():
                found[name] = measure()
        except Exception as error:  # noqa: BLE001 one way that fails must not hide the others
            log.say(f"FAILED {name}: {type(error).__name__}: {str(error)[:500]}")
            continue
        ratio = f"{found['plain loop'] / found[name]:6.2f}x" if "DCGAN" in name and "plain loop" in found else ""
        log.say(f"{found[name]:8.3f} ms a step  {ratio:8} {name}")
    if log.clock() < end:
        where_the_time_goes(log, where)


def rows(where: torch.device) -> list[tuple[str, Callable[[], float]]]:
    """What is timed, the telling ones first; on a CPU at quick size, as a dry run."""
    gpu = where.type == "cuda"
    dcgan = Settings(size=64, steps=300) if gpu else Settings(size=32, nf=4, steps=4)
    every = 50 if gpu else 2
    images = torch.rand(4_096 if gpu else 256, 3, dcgan.size, dcgan.size, device=where) * 2 - 1

    def dcgan_row(settings: Settings = dcgan, **how) -> Callable[[], float]:
        return lambda: ms_a_step(ours(images, settings, every, **how)[2], BATCH)

    def row(name: str, module, batch: int = 100, steps: int = 500, **how) -> Callable[[], float]:
        changes = how.pop("settings", {})
        settings = replace(module.GPU, steps=steps, **changes) if gpu else replace(module.QUICK, steps=4)
        size = batch if gpu else settings.batch_size
        how = {"accelerator": where.type} | how
        return lambda: ms_a_step(timed(name, module.plan, settings, every, **how)[1], size)

    return [
        ("plain loop", lambda: ms_a_step(plain_loop(images, dcgan, every)[1], BATCH)),
        ("DCGAN, ours, captured, bfloat16", dcgan_row(precision="bfloat16")),
        ("semi-mnist, captured, tf32", row("semi-mnist", semi_mnist, precision="tf32")),
        (
            "40 semi-mnist side by side, tf32",
            row("semi-mnist-table", table_one, steps=200, precision="tf32", settings=FORTY),
        ),
        ("DCGAN, ours, one by one, bfloat16", dcgan_row(precision="bfloat16", captured=False)),
        ("DCGAN, ours, captured, bfloat16, kernels of a race", dcgan_row(precision="bfloat16", repeatable=False)),
        ("DCGAN, ours, captured, tf32", dcgan_row(precision="tf32")),
        ("semi-mnist, captured, bfloat16", row("semi-mnist", semi_mnist, precision="bfloat16")),
        ("semi-mnist, captured, float32", row("semi-mnist", semi_mnist, precision="float32")),
        ("semi-mnist, one by one, tf32", row("semi-mnist", semi_mnist, precision="tf32", captured=False)),
        ("gan-mnist, captured", row("gan-mnist", gan_mnist_parzen)),
        ("cgan-mnist, captured", row("cgan-mnist", cgan_mnist_parzen)),
        (
            "DCGAN, ours, captured, bfloat16, compiled too",
            dcgan_row(replace(dcgan, compiled=gpu), precision="bfloat16"),
        ),
    ]


def where_the_time_goes(log: Log, where: torch.device, steps: int = 100) -> None:
    """The kernels of a captured DCGAN step and of semi-mnist's, by their time, into the log."""
    gpu = where.type == "cuda"
    kinds = [torch.profiler.ProfilerActivity.CUDA if gpu else torch.profiler.ProfilerActivity.CPU]
    by = "self_cuda_time_total" if gpu else "self_cpu_time_total"
    steps = steps if gpu else 2
    images = torch.rand(1_024 if gpu else 256, 3, 64 if gpu else 32, 64 if gpu else 32, device=where)
    size = Settings(size=images.shape[-1], nf=64 if gpu else 4, steps=steps)
    semi = replace(semi_mnist.GPU if gpu else semi_mnist.QUICK, steps=steps)
    works = {
        "DCGAN": lambda: ours(images, size, steps, precision="bfloat16"),
        "semi-mnist": lambda: timed(
            "semi-mnist", semi_mnist.plan, semi, steps, accelerator=where.type, precision="tf32"
        ),
    }
    for name, work in works.items():
        try:
            with log.somewhere(), torch.profiler.profile(activities=kinds) as profile:
                work()
            kernels = profile.key_averages()
            text = kernels.table(sort_by=by, row_limit=20, max_name_column_width=70)
            log.say(f"{name}: {sum(kernel.count for kernel in kernels) / steps:.0f} kernels a step\n{text}")
        except Exception as error:  # noqa: BLE001 a profile is not worth the report
            log.say(f"FAILED to profile {name}: {type(error).__name__}: {str(error)[:500]}")
