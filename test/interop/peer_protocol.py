"""What both peers share: the request loop, and rows as JSON.

A request is one line {"id", "op", "args"}; its answer is one line {"id", "result"} or {"id", "error"}. Values travel by
their Delta type, the same for every peer, so that rows can be compared as text:

  boolean, byte to integer, string   as JSON has them
  long                               a decimal string, since JSON numbers lose digits above 2^53
  float, double                      a number; "NaN", "Infinity" and "-Infinity" as strings; a float is widened
  decimal                            a string with all digits of its scale
  binary                             a string of hexadecimal digits
  date                               YYYY-MM-DD
  timestamp, timestamp_ntz           YYYY-MM-DDTHH:MM:SS.ffffff, with a Z for timestamp
  struct                             an object
  array                              an array
  map                                an array of [key, value], ordered by the key's JSON
"""

import decimal
import json
import os
import sys
import traceback

import pyarrow as pa

# Libraries and the JVM, which is started before the first request, write to standard output as they like: the answers have a
# descriptor of their own.
ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)

DAY_MICROSECONDS = 86_400_000_000


def encode_table(table):
    """All rows of an Arrow table as JSON values, ordered by their text."""
    columns = [encode_column(table.column(i)) for i in range(table.num_columns)]
    rows = [dict(zip(table.column_names, values)) for values in zip(*columns)] if columns else []
    return sorted(rows, key=canonical)


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def encode_column(column):
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_timestamp(kind):
        suffix = "" if kind.tz is None else "Z"
        microseconds = array.cast(pa.timestamp("us", kind.tz)).cast(pa.int64()).to_pylist()
        return [None if value is None else format_timestamp(value) + suffix for value in microseconds]
    if pa.types.is_date(kind):
        days = array.cast(pa.date32()).cast(pa.int32()).to_pylist()
        return [None if value is None else format_date(value) for value in days]
    encode = encoder(kind)
    return [None if value is None else encode(value) for value in array.to_pylist()] if encode else encode_nested(array)


def encoder(kind):
    types = pa.types
    if types.is_int64(kind) or types.is_uint64(kind):
        return str
    if types.is_floating(kind):
        return encode_float
    if types.is_decimal(kind):
        return lambda value: format(value, "f")
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return lambda value: value.hex()
    if types.is_nested(kind):
        return None
    return lambda value: value


def encode_nested(array):
    kind = array.type
    valid = array.is_valid().to_pylist()
    if pa.types.is_struct(kind):
        names = [kind.field(i).name for i in range(kind.num_fields)]
        fields = [encode_column(field) for field in array.flatten()]
        return [dict(zip(names, row)) if ok else None for ok, row in zip(valid, zip(*fields))]
    if pa.types.is_map(kind):
        keys, items = encode_column(array.keys), encode_column(array.items)
        entries = [[key, item] for key, item in zip(keys, items)]
        offsets = array.offsets.to_pylist()
        return [sorted(entries[a:b], key=lambda entry: canonical(entry[0])) if ok else None
                for ok, a, b in zip(valid, offsets, offsets[1:])]
    if not pa.types.is_list(kind):
        array = array.cast(pa.list_(kind.value_type))
    values = encode_column(array.values)
    offsets = array.offsets.to_pylist()
    return [values[a:b] if ok else None for ok, a, b in zip(valid, offsets, offsets[1:])]


def encode_float(value):
    if value != value:
        return "NaN"
    return value if abs(value) != float("inf") else ("Infinity" if value > 0 else "-Infinity")


def format_date(days):
    """Days since 1970-01-01 in the proleptic Gregorian calendar, for any year (after Howard Hinnant's civil_from_days)."""
    shifted = days + 719_468
    era, day_of_era = divmod(shifted, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_index + 2) // 5 + 1
    month = month_index + 3 if month_index < 10 else month_index - 9
    return f"{year_of_era + era * 400 + (month <= 2):04d}-{month:02d}-{day:02d}"


def parse_date(text):
    year, month, day = (int(part) for part in text.rsplit("-", 2))
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def format_timestamp(microseconds):
    days, rest = divmod(microseconds, DAY_MICROSECONDS)
    seconds, fraction = divmod(rest, 1_000_000)
    hours, minutes = divmod(seconds // 60, 60)
    return f"{format_date(days)}T{hours:02d}:{minutes:02d}:{seconds % 60:02d}.{fraction:06d}"


def parse_timestamp(text):
    day, _, clock = text.rstrip("Z").partition("T")
    hours, minutes, seconds = clock.split(":")
    whole, _, fraction = seconds.partition(".")
    microseconds = (int(hours) * 3600 + int(minutes) * 60 + int(whole)) * 1_000_000 + int(fraction.ljust(6, "0") or 0)
    return parse_date(day) * DAY_MICROSECONDS + microseconds


ARROW_TYPES = {
    "boolean": pa.bool_(), "byte": pa.int8(), "short": pa.int16(), "integer": pa.int32(), "long": pa.int64(),
    "float": pa.float32(), "double": pa.float64(), "string": pa.string(), "binary": pa.binary(), "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"), "timestamp_ntz": pa.timestamp("us"),
}


def arrow_type(delta_type):
    """The Arrow type of a type in Delta's schema JSON."""
    if isinstance(delta_type, str):
        if delta_type.startswith("decimal("):
            precision, scale = delta_type[len("decimal("):-1].split(",")
            return pa.decimal128(int(precision), int(scale))
        return ARROW_TYPES[delta_type]
    if delta_type["type"] == "struct":
        return pa.struct(arrow_fields(delta_type))
    if delta_type["type"] == "array":
        return pa.list_(pa.field("element", arrow_type(delta_type["elementType"]), delta_type["containsNull"]))
    value = pa.field("value", arrow_type(delta_type["valueType"]), delta_type["valueContainsNull"])
    return pa.map_(arrow_type(delta_type["keyType"]), value)


def arrow_fields(struct):
    return [pa.field(field["name"], arrow_type(field["type"]), field["nullable"]) for field in struct["fields"]]


def decode_value(value, delta_type):
    if value is None:
        return None
    if isinstance(delta_type, str):
        if delta_type.startswith("decimal("):
            return decimal.Decimal(value)
        if delta_type in ("long", "float", "double"):
            return int(value) if delta_type == "long" else float(value)
        if delta_type == "binary":
            return bytes.fromhex(value)
        if delta_type == "date":
            return parse_date(value)
        return parse_timestamp(value) if delta_type.startswith("timestamp") else value
    if delta_type["type"] == "struct":
        return {field["name"]: decode_value(value.get(field["name"]), field["type"]) for field in delta_type["fields"]}
    if delta_type["type"] == "array":
        return [decode_value(item, delta_type["elementType"]) for item in value]
    return [(decode_value(key, delta_type["keyType"]), decode_value(item, delta_type["valueType"])) for key, item in value]


def decode_table(rows, schema):
    """Rows in the encoding above as an Arrow table with the types of `schema`, Delta's schema JSON."""
    fields = arrow_fields(schema)
    columns = [
        pa.array([decode_value(row.get(field["name"]), field["type"]) for row in rows], arrow.type)
        for field, arrow in zip(schema["fields"], fields)
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def serve(operations, names):
    """
    Answers requests until standard input ends. `names` is what snippets of the operation "execute" see,
    beside `args`; a snippet leaves its answer, any JSON value, in `result`.
    """

    def execute(args):
        scope = {**names, "args": args.get("args"), "result": None}
        exec(compile(args["code"], "<snippet>", "exec"), scope)
        return scope["result"]

    operations = {"execute": execute, **operations}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"id": request["id"], "result": operations[request["op"]](request["args"])}
            text = json.dumps(answer, default=str)
        except BaseException as error:  # every failure is the caller's to judge, also SystemExit of a snippet
            details = {"type": type(error).__name__, "message": str(error), "stack": traceback.format_exc()}
            text = json.dumps({"id": request["id"], "error": details})
        ANSWERS.write(text + "\n")
        ANSWERS.flush()
