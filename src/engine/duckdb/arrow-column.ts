// engine/duckdb/arrow-column.ts: Arrow columns of any type, gathered from DuckDB's chunks.
import { makeData } from "apache-arrow";
import type { Data, DataType as ArrowType, List, Map_, Struct } from "apache-arrow";
import type { DuckDBVector } from "@duckdb/node-api";
import type { DataType } from "../../format/schema/schema.ts";
import { toArrowType } from "../arrow/arrow-schema.ts";
import {
  BooleanColumn,
  DecimalColumn,
  NullColumn,
  NullableColumn,
  NumberColumn,
  Offsets,
  TextColumn,
} from "./arrow-leaf-column.ts";
import type { ArrowColumn } from "./arrow-leaf-column.ts";
import { rawList, rawStruct } from "./raw-vector.ts";

/** A column of a type. `capacity` is the number of rows that memory is set aside for. */
export function arrowColumn(type: DataType, capacity: number): ArrowColumn {
  switch (type.kind) {
    case "decimal":
      return new DecimalColumn(type.precision, toArrowType(type), capacity);
    case "array":
      return new ListColumn(toArrowType(type) as List, arrowColumn(type.elementType, capacity), capacity);
    case "map":
      return new ListColumn(
        toArrowType(type) as Map_,
        new StructColumn(entriesOf(type), [type.keyType, type.valueType], capacity),
        capacity,
      );
    case "struct":
      return new StructColumn(
        toArrowType(type) as Struct,
        type.fields.map((field) => field.type),
        capacity,
      );
    case "primitive":
      return primitiveColumn(type.name, toArrowType(type), capacity);
  }
}

/** A variant is a struct of two of these. */
const binary: DataType = { kind: "primitive", name: "binary" };

type PrimitiveNameOf = Extract<DataType, { kind: "primitive" }>["name"];

function primitiveColumn(name: PrimitiveNameOf, type: ArrowType, capacity: number): ArrowColumn {
  switch (name) {
    case "boolean":
      return new BooleanColumn(type, capacity);
    case "byte":
      return new NumberColumn(type, 1, capacity);
    case "short":
      return new NumberColumn(type, 2, capacity);
    case "integer":
    case "float":
    case "date":
      return new NumberColumn(type, 4, capacity);
    case "long":
    case "double":
    case "timestamp":
    case "timestamp_ntz":
      return new NumberColumn(type, 8, capacity);
    case "string":
    case "binary":
      return new TextColumn(type, capacity);
    case "void":
      return new NullColumn(type);
    case "variant":
      return new StructColumn(type as Struct, [binary, binary], capacity);
  }
}

function entriesOf(type: DataType): Struct {
  return (toArrowType(type) as Map_).childType;
}

class ListColumn extends NullableColumn {
  readonly #elements: ArrowColumn;
  readonly #offsets: Offsets;

  constructor(type: List | Map_, elements: ArrowColumn, capacity: number) {
    super(type, capacity);
    this.#elements = elements;
    this.#offsets = new Offsets(capacity);
  }

  get sizeBytes(): number {
    return this.#elements.sizeBytes;
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    const { entries, child, validity } = rawList(vector);
    // Lists mostly lie one behind the other: their elements go over in one piece.
    let runStart = 0;
    let runEnd = 0;
    for (let index = from; index < from + count; index += 1) {
      const isValid = validity === null || (((validity[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
      const length = isValid ? Number(entries[index * 2 + 1]) : 0;
      this.#offsets.push(length);
      if (length === 0) continue;
      const start = Number(entries[index * 2]);
      if (start !== runEnd) {
        if (runEnd > runStart) this.#elements.append(child, runStart, runEnd - runStart);
        runStart = start;
      }
      runEnd = start + length;
    }
    if (runEnd > runStart) this.#elements.append(child, runStart, runEnd - runStart);
    this.appendValidity(validity, from, count);
  }

  take(): Data {
    return makeData({
      type: this.type as never,
      ...this.takeRows(),
      valueOffsets: this.#offsets.take(),
      child: this.#elements.take() as never,
    });
  }
}

class StructColumn extends NullableColumn {
  readonly #fields: readonly ArrowColumn[];

  constructor(type: Struct, fieldTypes: readonly DataType[], capacity: number) {
    super(type, capacity);
    this.#fields = fieldTypes.map((fieldType) => arrowColumn(fieldType, capacity));
  }

  get sizeBytes(): number {
    return this.#fields.reduce((sum, field) => sum + field.sizeBytes, 0);
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    const { validity, fields } = rawStruct(vector);
    for (const [index, field] of this.#fields.entries()) field.append(fields[index] as DuckDBVector, from, count); // types were compared
    this.appendValidity(validity, from, count);
  }

  take(): Data {
    return makeData({
      type: this.type as never,
      ...this.takeRows(),
      children: this.#fields.map((field) => field.take()) as never,
    });
  }
}
