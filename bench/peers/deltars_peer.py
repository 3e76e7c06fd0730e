"""delta-rs under the names of `node build/bench/run.js`: `deltars_peer.py append table= rows= commits=`, `append_concurrent … procs=`,
`open table= [version=] [repeat=]`, `list`, `prune_partition … value=`, `prune_stats … id=`, `refresh`, `checkpoint`, `delete`.

Its writes are not synced to disk; ours are.
"""
import json
import os
import shutil
import subprocess
import sys
import time

from deltalake import CommitProperties, DeltaTable, write_deltalake

from measure import arguments, emit, file_memory_mb, peak_memory_mb, percentile, resident_memory_mb

KINDS = ["view", "click", "cart", "buy", "refund", "login", "logout", "error"]
FIRST_TIME_US = 1_767_225_600_000_000


def events(first, count):
    """The rows of `eventObjects` in bench/source-rows.ts."""
    import pyarrow as pa  # not in a process that only opens tables, whose memory is measured

    ids = range(first, first + count)
    return pa.table({
        "id": pa.array(ids, pa.int64()),
        "ts": pa.array([FIRST_TIME_US + i * 20_000 for i in ids], pa.timestamp("us", "UTC")),
        "user": pa.array([f"user{i * 7919 % 100_000:06d}" for i in ids]),
        "kind": pa.array([KINDS[i % 8] for i in ids]),
        "amount": pa.array([i * 31 % 10_000 / 100 for i in ids]),
    })


def new_table(words):
    """A table of its own below `table`, with a checkpoint every `interval` commits; delta-rs' own default is 100."""
    path = f"{words['table']}/{os.getpid()}"
    settings = {"delta.checkpointInterval": words["interval"]} if "interval" in words else None
    write_deltalake(path, events(0, 1).slice(0, 0), mode="append", configuration=settings)
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
    table, batches = new_table(words), inputs(words)
    start = time.perf_counter()
    times_ms = append_all(table, batches)
    wall = time.perf_counter() - start
    emit(peer="delta-rs", workload=f"append/rows={words['rows']}", commits_per_s=len(batches) / wall, wall_s=wall,
         p50_ms=percentile(times_ms, 50), p99_ms=percentile(times_ms, 99), peak_rss_mb=peak_memory_mb())


def append_concurrent(words):
    procs = int(words["procs"])
    path = str(new_table(words).table_uri).removeprefix("file://").rstrip("/")
    go = path + ".go"
    own = [f"table={path}", *(f"{name}={words[name]}" for name in ("rows", "commits"))]
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


def append_worker(words):
    table, batches = DeltaTable(words["table"]), inputs(words, int(words["me"]))
    print("READY", flush=True)
    while not os.path.exists(words["table"] + ".go"):
        time.sleep(0.005)
    times_ms = append_all(table, batches)
    print(percentile(times_ms, 50), percentile(times_ms, 99), peak_memory_mb())


def repeated(workload, words, work):
    """The least of several times in one process, as `emitRepeated` in bench/meter.ts has it."""
    walls, idle = [], resident_memory_mb()
    for _ in range(int(words.get("repeat", 3))):
        start = time.perf_counter()
        value = work()
        walls.append(time.perf_counter() - start)
    emit(peer="delta-rs", workload=workload, min_s=min(walls), median_s=percentile(walls, 50), first_s=walls[0],
         peak_rss_mb=peak_memory_mb(), peak_own_mb=peak_memory_mb() - file_memory_mb(), growth_mb=peak_memory_mb() - idle, value=value)


def open_table(words):
    version = int(words["version"]) if "version" in words else None
    repeated("open", words, lambda: DeltaTable(words["table"], version=version).version())


def list_files(words):
    repeated("list", words, lambda: len(DeltaTable(words["table"]).file_uris()))


def prune_partition(words):
    repeated("prune_partition", words, lambda: len(DeltaTable(words["table"]).file_uris([("day", "=", words["value"])])))


def prune_stats(words):
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = int(words["id"])

    def chosen():
        actions = pa.table(DeltaTable(words["table"]).get_add_actions(flatten=True))
        return actions.filter((pc.field("min.id") <= wanted) & (pc.field("max.id") >= wanted)).num_rows

    repeated("prune_stats", words, chosen)


def checkpoint(words):
    path = f"{words['table']}-checkpoint-{os.getpid()}"
    shutil.copytree(words["table"], path)
    repeated("checkpoint", {"repeat": 1}, lambda: DeltaTable(path).create_checkpoint())
    shutil.rmtree(path)


def delete(words):
    """As `delete` of bench/operations/change.ts; the copy is made, and on the disk, before the time begins."""
    path = f"{words['table']}-delete-{os.getpid()}"
    walls = []
    for _ in range(int(words.get("repeat", 3))):
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(words["table"], path)
        os.sync()
        table = DeltaTable(path)
        start = time.perf_counter()
        table.delete("id % 100 = 7")
        walls.append(time.perf_counter() - start)
    shutil.rmtree(path)
    emit(peer="delta-rs", workload="delete", min_s=min(walls), median_s=percentile(walls, 50), first_s=walls[0], peak_rss_mb=peak_memory_mb())


def refresh(words):
    path = f"{words['table']}-refresh-{os.getpid()}"
    shutil.copytree(words["table"], path)
    table = DeltaTable(path)
    walls = []
    for _ in range(10):
        add = {"path": f"new-{table.version()}.parquet", "partitionValues": {"day": "d0001"}, "size": 1, "modificationTime": 1, "dataChange": True}
        with open(f"{path}/_delta_log/{table.version() + 1:020d}.json", "w") as commit:
            commit.write(json.dumps({"add": add}) + "\n")
        start = time.perf_counter()
        table.update_incremental()
        walls.append(time.perf_counter() - start)
    shutil.rmtree(path)
    emit(peer="delta-rs", workload="refresh", min_s=min(walls), median_s=percentile(walls, 50), first_s=walls[0], peak_rss_mb=peak_memory_mb())


OPERATIONS = {"open": open_table, "list": list_files, "prune_partition": prune_partition, "prune_stats": prune_stats, "delete": delete, "refresh": refresh, "checkpoint": checkpoint,
              "append": append, "append_concurrent": append_concurrent, "append_worker": append_worker}

if __name__ == "__main__":
    OPERATIONS[sys.argv[1]](arguments(sys.argv[2:]))
