// session/run/show-schema.ts: a schema as the tree that Spark's `printSchema` prints.
import { formatType } from "../../format/schema/schema-type.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";

/** The tree, one column a line, with a line break at its end. */
export function formatSchemaTree(schema: StructType): string {
  return `root\n${fieldLines(schema, " ").join("")}`;
}

function fieldLines({ fields }: StructType, indent: string): readonly string[] {
  return fields.flatMap(({ name, type, nullable }) =>
    typeLines(type, { indent, name, note: ` (nullable = ${nullable})` }),
  );
}

interface Line {
  readonly indent: string;
  readonly name: string;
  /** Whether it may be null. */
  readonly note: string;
}

function typeLines(type: DataType, { indent, name, note }: Line): readonly string[] {
  const word = type.kind === "primitive" ? type.name : type.kind === "decimal" ? formatType(type) : type.kind;
  return [`${indent}|-- ${name}: ${word}${note}\n`, ...innerLines(type, `${indent}|    `)];
}

function innerLines(type: DataType, indent: string): readonly string[] {
  switch (type.kind) {
    case "struct":
      return fieldLines(type, indent);
    case "array":
      return typeLines(type.elementType, { indent, name: "element", note: ` (containsNull = ${type.containsNull})` });
    case "map":
      return [
        ...typeLines(type.keyType, { indent, name: "key", note: "" }),
        ...typeLines(type.valueType, {
          indent,
          name: "value",
          note: ` (valueContainsNull = ${type.valueContainsNull})`,
        }),
      ];
    case "primitive":
    case "decimal":
      return [];
  }
}
