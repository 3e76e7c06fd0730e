// engine/parquet/variant-footer.ts: variants in the footer of a Parquet file. The Parquet format, "VARIANT" and "Variant Shredding".
// DuckDB reads a group that is marked as a variant as a value of its own, in which no value and a variant that is null
// are one and the same. Without the mark it reads what the file holds: a struct of two binaries.
import {
  decodeInteger,
  decodeList,
  decodeStruct,
  decodeText,
  encodeStruct,
  encodeStructList,
} from "./thrift-compact.ts";
import type { ThriftStruct } from "./thrift-compact.ts";

/** A column of a file, or a field below one. */
export interface FooterColumn {
  readonly name: string;
  readonly fieldId: number | null;
  /** `shredded`: parts of the value lie in columns of their own. */
  readonly variant: "none" | "plain" | "shredded";
  /** Whether the group is marked as a variant. */
  readonly isMarked: boolean;
  readonly isRepeated: boolean;
  readonly children: readonly FooterColumn[];
}

/**
 * The columns of a footer.
 * @throws RangeError when it is damaged
 */
export function footerColumns(footer: Uint8Array): readonly FooterColumn[] {
  const elements = schemaElements(footer);
  let next = 0;
  const take = (depth: number): FooterColumn => {
    const element = elements[next];
    if (element === undefined || depth > depthMax)
      throw new RangeError("the schema ends too soon or is nested too deeply");
    next += 1;
    const children = Array.from({ length: numberOf(element, 5) ?? 0 }, () => take(depth + 1));
    return columnOf(element, children);
  };
  return elements.length === 0 ? [] : take(0).children;
}

/** The footer with no group marked as a variant, or with every group of a variant's shape marked as one. */
export function markVariants(footer: Uint8Array, mark: "none" | "all"): Uint8Array {
  const elements = schemaElements(footer);
  const marked = elements.map((element, index) => {
    const fields = new Map(element);
    if (mark === "none" && isMarked(element)) fields.delete(logicalTypeId);
    if (mark === "all" && hasVariantShape(elements, index))
      fields.set(logicalTypeId, { type: structType, bytes: variantMark });
    return encodeStruct(fields);
  });
  return encodeStruct(new Map([...decodeStruct(footer), [2, encodeStructList(marked)]]));
}

// Fields of a schema element, and the variant's place among the logical types.
const logicalTypeId = 10;
const variantId = 16;
const structType = 12;
const byteType = 3;
const variantMark = encodeStruct(
  new Map([
    [variantId, { type: structType, bytes: encodeStruct(new Map([[1, { type: byteType, bytes: Uint8Array.of(1) }]])) }],
  ]),
);
const repeated = 2;
const depthMax = 100;

function schemaElements(footer: Uint8Array): readonly ThriftStruct[] {
  const list = decodeStruct(footer).get(2);
  if (list === undefined) throw new RangeError("the footer lacks the schema");
  return decodeList(list).map(decodeStruct);
}

function columnOf(element: ThriftStruct, children: readonly FooterColumn[]): FooterColumn {
  const names = new Set(children.map((child) => child.name));
  const isVariant = isMarked(element) || isVariantShape(names);
  return {
    name: nameOf(element),
    fieldId: numberOf(element, 9),
    variant: !isVariant ? "none" : names.has("typed_value") ? "shredded" : "plain",
    isMarked: isMarked(element),
    isRepeated: numberOf(element, 3) === repeated,
    children,
  };
}

/** Only groups with typed values are taken for variants by their shape: the others read the same either way. */
const isVariantShape = (names: ReadonlySet<string>): boolean =>
  names.has("metadata") && names.has("typed_value") && [...names].every((name) => variantParts.has(name));

const variantParts: ReadonlySet<string> = new Set(["metadata", "value", "typed_value"]);

function hasVariantShape(elements: readonly ThriftStruct[], index: number): boolean {
  const names = new Set<string>();
  let next = index + 1;
  for (let count = numberOf(elements[index], 5) ?? 0; count > 0; count -= 1) {
    names.add(nameOf(elements[next]));
    next = endOf(elements, next);
  }
  return isVariantShape(names);
}

/** The place after an element and all below it. */
function endOf(elements: readonly ThriftStruct[], index: number): number {
  let open = 1;
  let next = index;
  for (; open > 0 && next < elements.length; next += 1) open += (numberOf(elements[next], 5) ?? 0) - 1;
  return next;
}

function isMarked(element: ThriftStruct): boolean {
  const logicalType = element.get(logicalTypeId);
  return logicalType !== undefined && decodeStruct(logicalType.bytes).has(variantId);
}

function numberOf(element: ThriftStruct | undefined, id: number): number | null {
  const field = element?.get(id);
  return field === undefined ? null : decodeInteger(field);
}

function nameOf(element: ThriftStruct | undefined): string {
  const field = element?.get(4);
  return field === undefined ? "" : decodeText(field.bytes);
}
