"""Spark with Delta Lake as a peer. See peer_protocol.py for the form of requests, answers and rows."""

import atexit
import glob
import os
import re
import shutil
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyspark
from peer_protocol import decode_table, encode_table, serve
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

warnings.filterwarnings("ignore")
# Spark's own scratch files and its default warehouse go to a folder that ends with this process.
scratch = tempfile.mkdtemp(prefix="alluvium-interop-spark-")
atexit.register(shutil.rmtree, scratch, ignore_errors=True)


def start():
    settings = {
        "spark.driver.memory": "2g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": scratch,
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.ui.enabled": "false",
        # Small tables: to compile each query to bytecode costs more than to run it.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Not Spark's 200 and Delta's 50: the tables of tests are small, and each task has its price.
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.databricks.delta.retentionDurationCheck.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        # The first compiler alone gets 48 MB for its code where nothing else is said, and Spark needs more in a long run.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC "
        f"-Dlog4j2.level=ERROR -Duser.timezone=UTC -Dderby.system.home={scratch}",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    }
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


spark = start()
delta_log = spark._jvm.org.apache.spark.sql.delta.DeltaLog


def quoted(path):
    return "delta.`" + path.replace("`", "``") + "`"


def frame(args):
    # Delta keeps the table of a path in memory; tests delete and rebuild tables under the same path.
    delta_log.clearCache()
    return reader_of(args)


def reader_of(args):
    reader = spark.read.format("delta")
    if args.get("version") is not None:
        reader = reader.option("versionAsOf", args["version"])
    if args.get("timestamp") is not None:
        reader = reader.option("timestampAsOf", args["timestamp"])
    rows = reader.load(args["path"])
    if args.get("where"):
        rows = rows.where(args["where"])
    return rows.select(*[rows[f"`{name}`"] for name in args["columns"]]) if args.get("columns") else rows


def side_by_side(work, items):
    """What `work` makes of each item, several at once: most of a small query's time is spent waiting for its own steps."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(work, items))


def read_at(args):
    rows = reader_of(args)
    return {"rows": encode_table(rows.toArrow()), "schema": rows.schema.jsonValue()}


def versions_of(args):
    """Rows and schema at each of `versions`."""
    delta_log.clearCache()
    return side_by_side(lambda version: read_at({"path": args["path"], "version": version}), args["versions"])


def read_many(args):
    """Rows and schema of each of `reads`."""
    delta_log.clearCache()
    return side_by_side(read_at, args["reads"])


def run_tables(args):
    """Statements over tables, of each table in order, of several tables at once; `{t}` stands for the table."""
    delta_log.clearCache()

    def run(table):
        for statement in table["statements"]:
            spark.sql(statement.replace("{t}", quoted(table["path"])))

    side_by_side(run, args["tables"])


def write(args):
    delta_log.clearCache()
    data = decode_table(args["rows"], args["schema"])
    rows = spark.createDataFrame(data, StructType.fromJson(args["schema"])).coalesce(1)
    writer = rows.write.format("delta").mode(args["mode"]).options(**args.get("properties", {}), **args.get("options", {}))
    if args.get("partitionBy"):
        writer = writer.partitionBy(*args["partitionBy"])
    writer.save(args["path"])
    return history({"path": args["path"], "limit": 1})[0]["version"]


def history(args):
    delta_log.clearCache()
    limit = f" LIMIT {args['limit']}" if args.get("limit") else ""
    return [
        {
            "version": row.version,
            "timestampMs": row.timestampMs,
            "operation": row.operation,
            "operationParameters": row.operationParameters,
            "operationMetrics": row.operationMetrics,
            "engineInfo": row.engineInfo,
        }
        for row in spark.sql(f"DESCRIBE HISTORY {quoted(args['path'])}{limit}")
        .selectExpr("*", "unix_millis(timestamp) AS timestampMs")
        .drop("timestamp")
        .collect()
    ]


def files_read(args):
    """The data files that Spark would open for these rows, after pruning by partition and skipping by statistics."""
    return sorted(frame(args).inputFiles())


def versions(args):
    jars = glob.glob(f"{os.path.dirname(pyspark.__file__)}/jars/delta-spark_*.jar")
    return {
        "pyspark": pyspark.__version__,
        "delta": re.search(r"-([0-9.]+)\.jar$", jars[0]).group(1),
        "java": spark._jvm.java.lang.System.getProperty("java.version"),
    }


serve(
    {
        "versions": versions,
        "write": write,
        "read": lambda args: encode_table(frame(args).toArrow()),
        "schema": lambda args: frame(args).schema.jsonValue(),
        "history": history,
        "filesRead": files_read,
        "readVersions": versions_of,
        "readMany": read_many,
        "runTables": run_tables,
    },
    {
        "spark": spark,
        "frame": frame,
        "quoted": quoted,
        "delta_log": delta_log,
        "decode_table": decode_table,
        "encode_table": encode_table,
        "pa": pa,
    },
)
spark.stop()
