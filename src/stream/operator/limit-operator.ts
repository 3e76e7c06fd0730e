// stream/operator/limit-operator.ts: the first rows of a stream, counted over the query's whole life. streaming.md, "Other stateful operators".
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import type { OperatorSpec } from "../plan/state-spec.ts";
import type { StreamNode } from "../plan/stream-node.ts";
import { countOf } from "./stream-operator.ts";
import type { StatefulOperator, StreamOperator } from "./stream-operator.ts";

const countTable = "count";

/** Compiles a limit: its state is how many rows have come out. */
export function limitOperator(
  node: Extract<StreamNode, { kind: "limit" }>,
  input: StreamOperator,
  id: number,
): StatefulOperator {
  const columns = [
    { name: idColumn, type: "BIGINT" },
    { name: "__count", type: "BIGINT" },
  ];
  const spec: OperatorSpec = {
    id,
    name: "globalLimit",
    keys: [],
    values: [{ name: "count", type: "BIGINT" }],
    tables: [{ name: countTable, columns, soughtBy: [], isCounted: true }],
  };
  return {
    spec,
    schema: node.schema,
    heedsWatermark: false,
    outputWatermark: (micros) => input.outputWatermark(micros),
    evaluate: async (batch) => {
      const { state } = batch;
      const { connection } = state;
      const before = await countOf(
        connection,
        `SELECT coalesce(sum(__count), 0) FROM ${await state.table(id, countTable)}`,
      );
      const source = await input.evaluate(batch);
      const rows = await state.scratch(`SELECT * FROM (${source}) LIMIT ${Math.max(0, node.count - before)}`);
      const passed = await countOf(connection, `SELECT count(*) FROM ${rows}`);
      if (passed > 0) {
        const kind = before === 0 ? changeKinds.insert : changeKinds.replace;
        const total = `CAST(${before + passed} AS BIGINT) AS __count`;
        await state.apply(
          id,
          countTable,
          `SELECT ${kind} AS ${changeColumn}, CAST(0 AS BIGINT) AS ${idColumn}, ${total}`,
        );
      }
      return `SELECT * FROM ${rows}`;
    },
  };
}
