"""Readings and results in the form of bench/meter.ts: one line, `RESULT {json}`, for each measurement."""
import json
import os


def emit(**figures):
    rounded = {name: round(value, 5) if isinstance(value, float) else value for name, value in figures.items()}
    print("RESULT " + json.dumps(rounded), flush=True)


def percentile(values, p):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(p / 100 * (len(ordered) - 1)))] if ordered else None


def own_and_children(pid=None):
    """This process and all that it started: PySpark's memory is that of its JVM."""
    found = [pid or os.getpid()]
    for parent in found:
        for task in os.listdir(f"/proc/{parent}/task"):
            try:
                with open(f"/proc/{parent}/task/{task}/children") as children:
                    found += [int(child) for child in children.read().split()]
            except OSError:
                continue
    return found


def peak_memory_mb():
    return memory_mb("VmHWM:")


def file_memory_mb():
    return memory_mb("RssFile:")


def resident_memory_mb():
    return memory_mb("VmRSS:")


def memory_mb(name):
    total = 0
    for pid in own_and_children():
        try:
            with open(f"/proc/{pid}/status") as status:
                total += next((int(line.split()[1]) for line in status if line.startswith(name)), 0)
        except OSError:
            continue
    return round(total / 1024)


def cpu_s():
    """Processor time of this process and all that it started, so far."""
    ticks = 0
    for pid in own_and_children():
        try:
            with open(f"/proc/{pid}/stat") as stat:
                ticks += sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def arguments(words):
    return dict(word.split("=", 1) for word in words)
