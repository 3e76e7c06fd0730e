// reader/row-pieces.ts: sets of rows of several files cut into pieces, each short enough to be handed around with every chunk of rows.
import type { DeletedRows } from "../format/vector/deletion-vector.ts";
import { runCountOf } from "../format/vector/roaring-container.ts";
import type { Container, Run } from "../format/vector/roaring-container.ts";
import { RoaringSet } from "../format/vector/roaring-set.ts";

/** Which rows of some files are in the sets; of the files and rows between two pieces none is. */
export interface RowPiece {
  readonly firstFile: number;
  readonly fileCount: number;
  /** A multiple of `lengthMax`; 0 where there is more than one file. */
  readonly firstRow: number;
  /** Rows of each file; a power of two, and a multiple of 8, where there is more than one file. */
  readonly rowCount: number;
  /** A power of two. */
  readonly lengthMax: number;
  /** Whether its files have no rows behind it. */
  readonly isToEnd: boolean;
  /** Few runs, or a bit for each row, file by file, the lowest bit of a byte first. */
  readonly rows:
    | { readonly kind: "runs"; readonly runs: readonly Run[] }
    | { readonly kind: "bits"; readonly bits: Uint8Array };
}

/** Rows of a file. */
export interface RowsOfFile {
  readonly set: DeletedRows | undefined;
  /** How many rows the file has; undefined where that is not known for sure. */
  readonly rowCount?: number | undefined;
}

/** The pieces, in order of files and rows; null where their bits would be too many for what they say. */
export function rowPieces(sets: readonly RowsOfFile[]): readonly RowPiece[] | null {
  const files = sets.flatMap(({ set, rowCount }, file): FileRows[] =>
    set === undefined || set.cardinality === 0 ? [] : [{ file, set, rowCount }],
  );
  let spans: readonly Span[];
  let lengthMax = shortestPiece;
  do {
    spans = spansOf(files, lengthMax);
    lengthMax *= 2;
  } while (spans.length > pieceCountMax && lengthMax <= bitCountLimit);
  if (spans.length > pieceCountMax) return null;
  const runs = spans.map(fewRunsOf);
  const bitCount = spans.reduce(
    (sum, { fileCount, rowCount }, at) => sum + (runs[at] === null ? fileCount * rowCount : 0),
    0,
  );
  if (bitCount > freeBitCount) {
    const runCount = files.reduce((sum, { set }) => sum + runsOf(set.containers), 0);
    if (bitCount > Math.min(bitCountLimit, freeBitCount + runCount * bitsPerRunMax)) return null;
  }
  return spans.map((span, at) => pieceOf(span, runs[at] ?? null));
}

/** 32 MiB; DuckDB counts bits in 32-bit numbers. */
const bitCountLimit = 2 ** 28;

/** So many bits cost less than a list does, however few are set. */
const freeBitCount = 2 ** 24;

/** What a run costs in a list, in bits of text. */
const bitsPerRunMax = 512;

/** 8 KiB: DuckDB copies a constant for every chunk of 2048 rows; so many bytes cost next to nothing beside what is done with the rows. */
const shortestPiece = 2 ** 16;

/** Each costs some memory in every thread; which one is a row's is found by as many comparisons as this has binary digits. */
const pieceCountMax = 64;

/** So many are compared with sooner than a bit is looked up. */
const fewRuns = 3;

interface FileRows {
  readonly file: number;
  readonly set: DeletedRows;
  readonly rowCount: number | undefined;
}

/** Up to where a file is looked at: to its end, where that is known and not far behind what is in the set. */
function endOf({ set: { last }, rowCount = 0 }: FileRows): number {
  return rowCount > last && rowCount <= 2 * last + shortestPiece ? rowCount : last + 1;
}

/** A piece before it is looked into. */
interface Span {
  /** Neighbours, those without rows left out. */
  readonly files: readonly FileRows[];
  readonly fileCount: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly lengthMax: number;
  readonly isToEnd: boolean;
}

/** Neighbouring files together as long as their bits stay below a length; a file of more is cut. */
function spansOf(files: readonly FileRows[], lengthMax: number): readonly Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  for (const entry of files) {
    const rowCount = endOf(entry);
    const isToEnd = rowCount === entry.rowCount;
    if (rowCount > lengthMax) {
      spans.push(...(open === undefined ? [] : [open]), ...cutFile(entry, lengthMax));
      open = undefined;
      continue;
    }
    const fileCount = open === undefined ? 1 : entry.file - (open.files[0]?.file ?? 0) + 1;
    const stride = 2 ** Math.ceil(Math.log2(Math.max(8, rowCount, open?.rowCount ?? 0)));
    if (open !== undefined && fileCount * stride <= lengthMax) {
      open = {
        ...open,
        files: [...open.files, entry],
        fileCount,
        rowCount: stride,
        isToEnd: open.isToEnd && isToEnd && fileCount === open.fileCount + 1,
      };
      continue;
    }
    if (open !== undefined) spans.push(open);
    open = { files: [entry], fileCount: 1, firstRow: 0, rowCount, lengthMax, isToEnd };
  }
  return open === undefined ? spans : [...spans, open];
}

/** The stretches of a file in which there are rows. */
function cutFile(entry: FileRows, lengthMax: number): readonly Span[] {
  const { containers } = entry.set;
  const end = endOf(entry);
  const starts = new Set(containers.map(({ base }) => base - (base % lengthMax)));
  return [...starts].map((firstRow) => ({
    files: [entry],
    fileCount: 1,
    firstRow,
    rowCount: Math.min(lengthMax, end - firstRow),
    lengthMax,
    isToEnd: end === entry.rowCount && end <= firstRow + lengthMax,
  }));
}

/** The runs of a piece of one file; null where they are not few. */
function fewRunsOf({ files: [only, ...others], firstRow, rowCount }: Span): readonly Run[] | null {
  if (only === undefined || others.length > 0) return null;
  const own = only.set.containers.filter(({ base }) => base >= firstRow && base < firstRow + rowCount);
  if (runsOf(own) > fewRuns) return null;
  const runs: Run[] = [];
  new RoaringSet(own).forEachRun((first, last) => void runs.push({ first, last }));
  return runs;
}

const runsOf = (containers: readonly Container[]): number =>
  containers.reduce((sum, container) => sum + runCountOf(container), 0);

function pieceOf(
  { files, fileCount, firstRow, rowCount, lengthMax, isToEnd }: Span,
  runs: readonly Run[] | null,
): RowPiece {
  const firstFile = files[0]?.file ?? 0;
  const place = { firstFile, fileCount, firstRow, rowCount, lengthMax, isToEnd };
  if (runs !== null) return { ...place, rows: { kind: "runs", runs } };
  const bits = new Uint8Array(Math.ceil((fileCount * rowCount) / 8));
  for (const { file, set } of files) {
    const start = ((file - firstFile) * rowCount) / 8;
    set.setBits(fileCount === 1 ? bits : bits.subarray(start, start + rowCount / 8), firstRow);
  }
  return { ...place, rows: { kind: "bits", bits } };
}
