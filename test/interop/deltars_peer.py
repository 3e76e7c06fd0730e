"""delta-rs as a peer. See peer_protocol.py for the form of requests, answers and rows."""

import json

import deltalake
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from peer_protocol import decode_table, encode_table, serve


def open_table(args):
    table = DeltaTable(args["path"])
    if args.get("version") is not None:
        table.load_as_version(args["version"])
    if args.get("timestamp") is not None:
        table.load_as_version(args["timestamp"])
    return table


def write(args):
    data = decode_table(args["rows"], args["schema"])
    write_deltalake(
        args["path"],
        data,
        mode=args["mode"],
        partition_by=args.get("partitionBy"),
        configuration=args.get("properties"),
        **args.get("options", {}),
    )
    return DeltaTable(args["path"]).version()


def select(table, columns=None, where=None):
    """Rows as an Arrow table, read through DataFusion, so that partitions and files are pruned by `where`."""
    chosen = ", ".join('"' + name.replace('"', '""') + '"' for name in columns) if columns else "*"
    sql = f"SELECT {chosen} FROM t" + (f" WHERE {where}" if where else "")
    return pa.table(QueryBuilder().register("t", table).execute(sql))


def versions_of(args):
    """Rows and schema at each of `versions`."""
    found = [open_table({"path": args["path"], "version": version}) for version in args["versions"]]
    return [{"rows": encode_table(select(table)), "schema": json.loads(table.schema().to_json())} for table in found]


def history(args):
    return [
        {
            "version": commit["version"],
            "timestampMs": commit["timestamp"],
            "operation": commit.get("operation"),
            "operationParameters": commit.get("operationParameters"),
            "operationMetrics": commit.get("operationMetrics"),
            "engineInfo": commit.get("engineInfo"),
        }
        for commit in DeltaTable(args["path"]).history(args.get("limit"))
    ]


serve(
    {
        "versions": lambda args: {"deltalake": deltalake.__version__, "pyarrow": pa.__version__},
        "write": write,
        "read": lambda args: encode_table(select(open_table(args), args.get("columns"), args.get("where"))),
        "schema": lambda args: json.loads(open_table(args).schema().to_json()),
        "history": history,
        "readVersions": versions_of,
    },
    {
        "deltalake": deltalake,
        "DeltaTable": DeltaTable,
        "write_deltalake": write_deltalake,
        "decode_table": decode_table,
        "encode_table": encode_table,
        "select": select,
        "pa": pa,
    },
)
