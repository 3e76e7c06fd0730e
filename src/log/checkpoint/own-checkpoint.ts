// log/checkpoint/own-checkpoint.ts: the files of checkpoints that this package wrote, told by a mark in their footers.
import { footerValue } from "../../engine/parquet/parquet-metadata.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";

/**
 * Stands in the footer of every file that this package writes: what its rows hold, and how, beyond what the columns say. Row groups of a file
 * with the same mark go into the next checkpoint as they are; whatever changes the values of rows must change it.
 */
export const ownMark = { name: "alluvium_checkpoint", version: "1" } as const;

/** Whether a file says that this package wrote it as it would write it now. No such file lists a file of the table twice. */
export const isOwn = ({ metadata }: CheckpointPart): boolean => footerValue(metadata, ownMark.name) === ownMark.version;
