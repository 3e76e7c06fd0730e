"""delta-rs under the names of `node build/bench/run.js`: `deltars_peer.py append table= rows= commits=` and `append_concurrent … procs=`.

Its writes are not synced to disk; ours are.
"""
import os
import shutil
import subprocess
import sys
import time

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from measure import arguments, emit, peak_memory_mb, percentile

KINDS = ["view", "click", "cart", "buy", "refund", "login", "logout", "error"]
FIRST_TIME_US = 1_767_225_600_000_000


def events(first, count):
    """The rows of `eventObjects` in bench/source-rows.ts."""
    ids = range(first, first + count)
    return pa.table({
        "id": pa.array(ids, pa.int64()),
        "ts": pa.array([FIRST_TIME_US + i * 20_000 for i in ids], pa.timestamp("us", "UTC")),
        "user": pa.array([f"user{i * 7919 % 100_000:06d}" for i in ids]),
        "kind": pa.array([KINDS[i % 8] for i in ids]),
        "amount": pa.array([i * 31 % 10_000 / 100 for i in ids]),
    })


def new_table(path):
    shutil.rmtree(path, ignore_errors=True)
    write_deltalake(path, events(0, 1).slice(0, 0), mode="append")
    return DeltaTable(path)


def append_all(table, batches):
    times_ms = []
    retries = CommitProperties(max_commit_retries=1000)
    for batch in batches:
        start = time.perf_counter()
        write_deltalake(table, batch, mode="append", commit_properties=retries)
        times_ms.append((time.perf_counter() - start) * 1000)
    return times_ms


def inputs(words, writer=0):
    rows, commits = int(words["rows"]), int(words["commits"])
    return [events((writer * commits + at) * rows, rows) for at in range(commits)]


def append(words):
    table, batches = new_table(words["table"]), inputs(words)
    start = time.perf_counter()
    times_ms = append_all(table, batches)
    wall = time.perf_counter() - start
    emit(peer="delta-rs", workload=f"append/rows={words['rows']}", commits_per_s=len(batches) / wall, wall_s=wall,
         p50_ms=percentile(times_ms, 50), p99_ms=percentile(times_ms, 99), peak_rss_mb=peak_memory_mb())
    shutil.rmtree(words["table"])


def append_concurrent(words):
    path, procs = words["table"], int(words["procs"])
    go = path + ".go"
    if os.path.exists(go):
        os.remove(go)
    new_table(path)
    own = [f"{name}={words[name]}" for name in ("table", "rows", "commits")]
    workers = [subprocess.Popen([sys.executable, __file__, "append_worker", *own, f"me={at}"], stdout=subprocess.PIPE, text=True)
               for at in range(procs)]
    for worker in workers:
        worker.stdout.readline()
    start = time.perf_counter()
    open(go, "w").close()
    done = [[float(x) for x in worker.communicate()[0].split()] for worker in workers]
    wall = time.perf_counter() - start
    emit(peer="delta-rs", workload=f"append_concurrent/rows={words['rows']}/procs={procs}", commits_per_s=int(words["commits"]) * procs / wall,
         versions=DeltaTable(path).version(), p50_ms=percentile([x[0] for x in done], 50), p99_ms=max(x[1] for x in done), wall_s=wall,
         peak_rss_mb=round(sum(x[2] for x in done)))
    shutil.rmtree(path)
    os.remove(go)


def append_worker(words):
    table, batches = DeltaTable(words["table"]), inputs(words, int(words["me"]))
    print("READY", flush=True)
    while not os.path.exists(words["table"] + ".go"):
        time.sleep(0.005)
    times_ms = append_all(table, batches)
    print(percentile(times_ms, 50), percentile(times_ms, 99), peak_memory_mb())


OPERATIONS = {"append": append, "append_concurrent": append_concurrent, "append_worker": append_worker}

if __name__ == "__main__":
    OPERATIONS[sys.argv[1]](arguments(sys.argv[2:]))
