/** A YAML file as data, with its `${NAME}` references replaced and with the lines that its fields are on. */
import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { type Fault, type FieldFault, formatPath, type Parsed } from "./faults.ts";
import { substitute } from "./substitution.ts";
import { SYNTAX_FAULTS } from "./syntax-faults.ts";
import type { Variables } from "./variables.ts";

export type YamlFile = {
  /** What the file says. */
  readonly data: unknown;
  /** References that could not be replaced; in `data` they stand as they were written. */
  readonly unreplaced: readonly FieldFault[];
  /** Gives fields their lines, and sorts the faults as the fields stand in the file. */
  readonly locate: (faults: readonly FieldFault[]) => Fault[];
};

/** @param name the file's name, for people */
export function parseYaml(text: string, name: string, variables: Variables): Parsed<YamlFile> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    resolveKnownTags: false,
  });
  const lineAt = (offset: number) => Math.max(lines.linePos(offset).line, 1);

  const syntax = [...document.errors, ...document.warnings, ...danglingAliases(document)]
    .map(({ code, pos: [offset] }) => ({ line: lineAt(offset), code }))
    .toSorted((a, b) => a.line - b.line)
    // One slip upsets the parser several times; what it says first about a line is what helps.
    .filter(({ line }, index, all) => all[index - 1]?.line !== line)
    .map(({ line, code }) => ({ at: `${name}:${line}`, message: SYNTAX_FAULTS[code] }));
  if (syntax.length > 0) return { ok: false, faults: syntax };

  const unreplaced = replaceReferences(document, variables);
  let data: unknown;
  try {
    data = document.toJS();
  } catch {
    return {
      ok: false,
      faults: [{ at: name, message: "repeats itself too often through aliases (*); use fewer" }],
    };
  }
  const locate = (faults: readonly FieldFault[]) =>
    faults
      .map(({ path, message }) => ({ path, message, line: lineAt(offsetOf(document, path)) }))
      .toSorted((a, b) => a.line - b.line)
      .map(({ path, message, line }) => {
        const place = `${name}:${line}`;
        return { at: path.length === 0 ? place : `${formatPath(path)} (${place})`, message };
      });
  return { ok: true, value: { data, unreplaced, locate } };
}

/** Aliases of anchors that are not there, which the parser finds only when it is too late to say where. */
function danglingAliases(document: Document): { code: ErrorCode; pos: readonly [number] }[] {
  const found: { code: ErrorCode; pos: readonly [number] }[] = [];
  visit(document, {
    Alias(_position, alias) {
      if (!alias.resolve(document)) found.push({ code: "BAD_ALIAS", pos: [alias.range?.[0] ?? 0] });
    },
  });
  return found;
}

/** Replaces the references in every text that is a value, and tells which could not be. */
function replaceReferences(document: Document, variables: Variables): FieldFault[] {
  const faults: FieldFault[] = [];
  visit(document, {
    Scalar(position, scalar, ancestors) {
      if (position === "key" || typeof scalar.value !== "string") return;
      const replaced = substitute(scalar.value, (name) => variables.lookup(name));
      if (replaced.ok) scalar.value = replaced.text;
      else for (const message of replaced.faults) faults.push({ path: pathTo(scalar, ancestors), message });
    },
  });
  return faults;
}

function pathTo(node: Node, ancestors: readonly unknown[]): PropertyKey[] {
  return ancestors.flatMap((ancestor, index): PropertyKey[] => {
    if (isPair(ancestor)) return isScalar(ancestor.key) ? [String(ancestor.key.value)] : [];
    return isSeq(ancestor) ? [ancestor.items.indexOf(ancestors[index + 1] ?? node)] : [];
  });
}

/** Where a field begins; for one that is missing, where the section begins that should have it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (!pair) return offset;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else return offset;
  }
  return offset;
}
