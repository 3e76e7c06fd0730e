"""Spark Structured Streaming with Delta, under the names of `node build/bench/run.js`:

    spark_peer.py stream_append|stream_filter src= rows= work= [max_files=] [repeat=2]   the first run is cold, the others warm
    spark_peer.py stream_complete|stream_upsert|stream_window|stream_dedupe src= rows= work= [max_files=] [repeat=2] [batches=] [skip=0]
                                       with `batches` it stops after so many; `skip` leaves the first out of the figures of a batch
    spark_peer.py stream_latency work= node= script= [seconds=45] [skip=150]       our own writer feeds it, our own report reads the logs
    spark_peer.py delete table= work= [repeat=4]

Two local cores, 6 GB of heap, two shuffle partitions (and so two of state) and two of a snapshot: Spark's own defaults (200 and 50)
are far slower on tables of this size. State is in Spark's default store, on the heap; the rows of an upsert are cached before they
are merged, as its manual says, lest the state be computed once more by each pass over them.
"""
import json
import os
import shutil
import subprocess
import sys
import time

from measure import arguments, cpu_s, emit, own_and_children, peak_memory_mb, percentile

FILTER = "kind = 'buy' AND amount > 50"
COLUMNS = ["id", "user", "amount * 1.2 AS gross"]


def process_start_s():
    """When this process began, as seconds since the epoch."""
    ticks = int(open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19])
    return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"))


def session(work):
    from pyspark.sql import SparkSession
    settings = {
        "spark.driver.memory": "6g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": os.path.join(work, "spark-scratch"),
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.streaming.numRecentProgressUpdates": "10000",
        "spark.driver.extraJavaOptions": "-Dlog4j2.level=ERROR",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def upsert_into(spark, out):
    """What foreachBatch does: the groups of a batch are merged into the table by their key."""
    spark.createDataFrame([], "user string, n long, total double").write.format("delta").save(out)

    def upsert(batch, _):
        batch.persist()
        batch.createOrReplaceTempView("changed")
        batch.sparkSession.sql(f"MERGE INTO delta.`{out}` AS t USING changed AS s ON t.user = s.user "
                               "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
        batch.unpersist()
    return upsert


def shaped(rows, scenario):
    """The query of a scenario, and its output mode; the same as in bench/operations."""
    from pyspark.sql import functions as F
    sums = (F.count("*").alias("n"), F.sum("amount").alias("total"))
    if scenario == "stream_filter":
        return rows.where(FILTER).selectExpr(*COLUMNS), "append"
    if scenario in ("stream_complete", "stream_upsert"):
        return rows.groupBy("user").agg(*sums), "complete" if scenario == "stream_complete" else "update"
    if scenario == "stream_window":
        return rows.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "1 minute"), "kind").agg(*sums), "append"
    if scenario == "stream_dedupe":
        return rows.select("id", "amount").dropDuplicates(["id"]), "append"
    return rows, "append"


def begin(spark, source, base, words, trigger):
    reader = spark.readStream.format("delta")
    if "max_files" in words:
        reader = reader.option("maxFilesPerTrigger", int(words["max_files"]))
    rows, mode = shaped(reader.load(source), words["scenario"])
    out = os.path.join(base, "out")
    writer = rows.writeStream.outputMode(mode).option("checkpointLocation", os.path.join(base, "checkpoint"))
    writer = writer.trigger(**trigger) if trigger else writer
    if words["scenario"] == "stream_upsert":
        return writer.foreachBatch(upsert_into(spark, out)).start()
    return writer.format("delta").start(out)


def progress_of(query):
    return [json.loads(p.json) if hasattr(p, "json") else dict(p) for p in query.recentProgress]


def await_end(query, words):
    """Until all is read, or so many batches are done."""
    if "batches" not in words:
        return query.awaitTermination()
    while query.isActive and len(query.recentProgress) < int(words["batches"]):
        time.sleep(0.1)
    if query.exception() is not None:
        raise query.exception()
    query.stop()


def first_commit_s(table):
    """When the earliest commit was put in its place."""
    log = os.path.join(table, "_delta_log")
    return min(os.stat(os.path.join(log, name)).st_ctime for name in os.listdir(log) if name.endswith(".json"))


def reset_peaks():
    for pid in own_and_children():
        try:
            with open(f"/proc/{pid}/clear_refs", "w") as refs:
                refs.write("5")
        except OSError:
            continue


def stream(words, base, started_s):
    spark = session(base)
    row_count = int(words["rows"])
    for run in range(int(words.get("repeat", 2))):
        for part in ("out", "checkpoint"):
            shutil.rmtree(os.path.join(base, part), ignore_errors=True)
        reset_peaks()
        start, cpu_before = time.time(), cpu_s()
        query = begin(spark, words["src"], base, words, {"availableNow": True})
        await_end(query, words)
        wall = time.time() - start
        done = [p for p in progress_of(query) if p["numInputRows"] > 0]
        batches = [p["durationMs"]["triggerExecution"] for p in done][int(words.get("skip", 0)):]
        row_count = sum(p["numInputRows"] for p in done) if "batches" in words else row_count
        first = first_commit_s(os.path.join(base, "out"))
        emit(peer="spark", workload=f"{words['scenario']}/max_files={words.get('max_files', 'default')}", run="warm" if run else "cold",
             rows=row_count, rows_per_s=row_count / wall, batches=len(batches), batch_p50_ms=percentile(batches, 50),
             batch_p99_ms=percentile(batches, 99), wall_s=wall, cpu_s=cpu_s() - cpu_before, peak_rss_mb=peak_memory_mb(),
             **({} if run else {"process_to_first_commit_s": first - started_s}))
    spark.stop()


def delete(words, base):
    """As `delete` of bench/operations/change.ts; the copy is made, and on the disk, before the time begins. The first run is cold."""
    spark = session(base)
    walls = []
    for run in range(int(words.get("repeat", 4))):
        copy = os.path.join(base, f"copy-{run}")
        shutil.copytree(words["table"], copy)
        os.sync()
        start = time.time()
        spark.sql(f"DELETE FROM delta.`{copy}` WHERE id % 100 = 7").collect()
        walls.append(time.time() - start)
        shutil.rmtree(copy)
    emit(peer="spark", workload="delete", min_s=min(walls), median_s=percentile(walls, 50), first_s=walls[0], peak_rss_mb=peak_memory_mb())
    spark.stop()


def latency(words, base):
    source = os.path.join(base, "source")
    ours = [words["node"], words["script"]]
    subprocess.run([*ours, "write_paced", f"table={source}", "seconds=0.1"], check=True, stdout=subprocess.DEVNULL)
    spark = session(base)
    query = begin(spark, source, base, words, None)
    while not query.recentProgress:
        time.sleep(0.1)
    paced = subprocess.run([*ours, "write_paced", f"table={source}", f"seconds={words.get('seconds', 45)}"],
                           check=True, capture_output=True, text=True)
    query.processAllAvailable()
    peak = peak_memory_mb()
    query.stop()
    report = subprocess.run([*ours, "latency_report", f"src={source}", f"out={os.path.join(base, 'out')}", f"skip={words.get('skip', 150)}"],
                            check=True, capture_output=True, text=True).stdout
    figures = json.loads(report.split("RESULT ", 1)[1])
    emit(**{**figures, "peer": "spark", "workload": "stream_latency", "late_writes": int(paced.stdout.split()[-1]), "peak_rss_mb": peak})
    spark.stop()


def main():
    started_s = process_start_s()
    words = {"scenario": sys.argv[1], **arguments(sys.argv[2:])}
    base = os.path.join(words["work"], f"spark-{os.getpid()}")
    os.makedirs(base)
    try:
        if words["scenario"] == "stream_latency":
            latency(words, base)
        elif words["scenario"] == "delete":
            delete(words, base)
        else:
            stream(words, base, started_s)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
