// session/names/state-reader.ts: `spark.read.format("statestore")` and `format("state-metadata")`: options as Spark names them.
import { knownOption } from "../../format/text/known-option.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { StateQuestion } from "../../stream/state/read-state.ts";
import { optionValue } from "../plan/option-bag.ts";
import { field } from "./statement-answer.ts";

/** Options of the state of a query. */
export const stateOptions: readonly string[] = ["batchId", "operatorId", "storeName", "joinSide"];

/** @throws AlluviumError `STDS_INVALID_OPTION_VALUE` for a name that is no option of the state */
export function checkStateOption(name: string): void {
  knownOption(name, { owner: "statestore", names: stateOptions, code: "STDS_INVALID_OPTION_VALUE" });
}

/** What is asked of a checkpoint. @throws AlluviumError `STDS_INVALID_OPTION_VALUE` */
export function stateQuestion(checkpoint: string, options: ReadonlyMap<string, string>): StateQuestion {
  const side = optionValue(options, "joinSide")?.toLowerCase();
  const store = optionValue(options, "storeName");
  if (side !== undefined && side !== "left" && side !== "right" && side !== "none")
    throw badValue("joinSide", side, "left, right or none");
  if (side !== undefined && side !== "none" && store !== undefined)
    throw badValue("joinSide", side, "given, or storeName is, not both");
  // Spark's name for the only store of an operator.
  const named = store?.toLowerCase() === "default" ? undefined : store;
  return {
    checkpoint,
    batchId: numberOf(options, "batchId"),
    operatorId: numberOf(options, "operatorId") ?? 0,
    storeName: side === "left" || side === "right" ? side : (named ?? null),
  };
}

/** Columns of `state-metadata`. */
export const stateMetadataSchema: StructType = {
  kind: "struct",
  fields: [
    field("operatorId", "long"),
    field("operatorName"),
    field("stateStoreName"),
    { ...field("numPartitions"), type: { kind: "primitive", name: "integer" } },
    field("minBatchId", "long"),
    field("maxBatchId", "long"),
  ],
};

function numberOf(options: ReadonlyMap<string, string>, name: string): number | null {
  const text = optionValue(options, name);
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw badValue(name, text, "a whole number from 0");
  return Number(text);
}

function badValue(option: string, value: string, wanted: string): AlluviumError {
  return new AlluviumError(
    "STDS_INVALID_OPTION_VALUE",
    { option, value },
    `option ${option} is ${wanted}, not ${value}`,
  );
}
