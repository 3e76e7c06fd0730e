"""Runs streaming programs (test/interop/programs) in Spark: every batch's rows as `foreachBatch` gets them, or the refusal."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor

from peer_protocol import encode_table
from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame

EVENTS = "k STRING, v INT, ts TIMESTAMP"
# One partition of state: a store has its price, and these inputs are a few rows.
SETTINGS = {"spark.sql.shuffle.partitions": "1", "spark.sql.streaming.stopTimeout": "60000"}


def run_programs(spark, args):
    """The answers of all programs in `args["programs"]`, in their order; some run at the same time."""
    with ThreadPoolExecutor(args["threads"]) as pool:
        return list(pool.map(lambda program: run_program(spark.newSession(), program), args["programs"]))


def run_program(session, program):
    for key, value in SETTINGS.items():
        session.conf.set(key, value)
    checkpoint = tempfile.mkdtemp(prefix="alluvium-interop-stream-")
    try:
        streams = {name: memory_stream(session) for name in ("e", "f")}
        return {"batches": run_rounds(session, program, streams, checkpoint)}
    except Exception as error:
        return {"error": condition_of(error), "message": str(error)[:600]}
    finally:
        shutil.rmtree(checkpoint, ignore_errors=True)


def memory_stream(session):
    jvm = session._jvm
    schema = session._jvm.org.apache.spark.sql.types.StructType.fromDDL(EVENTS)
    encoder = jvm.org.apache.spark.sql.Encoders.row(schema)
    return jvm.org.apache.spark.sql.execution.streaming.runtime.MemoryStream.apply(encoder, session._jsparkSession)


def add(session, stream, rows):
    """`rows` is the text of VALUES."""
    found = session.sql(f"SELECT * FROM VALUES {rows} AS t(k, v, ts)")._jdf.collectAsList()
    stream.addData(session._jvm.scala.jdk.javaapi.CollectionConverters.asScala(found))


def frame_of(session, program, streams):
    for name, stream in streams.items():
        events = DataFrame(stream.toDF(), session)
        delay = program["watermarks"].get(name)
        (events.withWatermark("ts", delay) if delay else events).createOrReplaceTempView(name)
        events.withWatermark("ts", "10 seconds").createOrReplaceTempView(f"w{name}")
    session.sql(f"SELECT * FROM VALUES {program['static']}").createOrReplaceTempView("s")
    frame = session.sql(program["sql"])
    for method, *arguments in program["steps"]:
        frame = getattr(frame, method)(*arguments)
    return frame


def run_rounds(session, program, streams, checkpoint):
    seen = []
    query = None

    def record(rows, batch_id):
        table = rows.toArrow()
        types = {field.name: field.dataType.simpleString() for field in rows.schema.fields}
        seen.append({"batch": batch_id, "rows": encode_table(table), "types": types})

    try:
        for turn in program["rounds"]:
            if turn["restarts"] and query is not None:
                query.stop()
                query = None
            for name, rows in turn["input"].items():
                add(session, streams[name], rows)
            if query is None:
                writer = frame_of(session, program, streams).writeStream.foreachBatch(record)
                query = writer.outputMode(program["mode"]).option("checkpointLocation", checkpoint).start()
            query.processAllAvailable()
    finally:
        if query is not None:
            query.stop()
    return seen


def condition_of(error):
    """The error class; what a query's thread threw is the cause."""
    origin = getattr(error, "_origin", None)
    if isinstance(error, StreamingQueryException) and origin is not None:
        while origin.getCause() is not None and class_of(origin) in ("STREAM_FAILED", None):
            origin = origin.getCause()
        return class_of(origin) or origin.getClass().getSimpleName()
    return error.getCondition() if hasattr(error, "getCondition") else type(error).__name__


def class_of(throwable):
    return throwable.getCondition() if hasattr(throwable, "getCondition") else None
