// stream/plan/stream-shape.ts: questions about the tree of a streaming query. Pure.
import type { StreamNode } from "./stream-node.ts";

/** What a node reads. */
export function inputsOf(node: StreamNode): readonly StreamNode[] {
  switch (node.kind) {
    case "source":
      return [];
    case "join":
      return [node.left, node.right];
    case "union":
      return node.inputs;
    case "rows":
    case "watermark":
    case "aggregate":
    case "deduplicate":
    case "limit":
    case "sort":
      return [node.input];
  }
}

/** All nodes of a tree, inputs before what reads them. */
export function nodesOf(node: StreamNode): readonly StreamNode[] {
  return [...inputsOf(node).flatMap(nodesOf), node];
}

/** Whether a tree has a node of a kind, itself included. */
export function hasNode(node: StreamNode, kind: StreamNode["kind"]): boolean {
  return nodesOf(node).some((found) => found.kind === kind);
}

/** The watermarks of a tree, in the order in which they are met. */
export function watermarksBelow(node: StreamNode): readonly Extract<StreamNode, { kind: "watermark" }>[] {
  return nodesOf(node).filter((found) => found.kind === "watermark");
}
