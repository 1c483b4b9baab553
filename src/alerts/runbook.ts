/**
 * What each alert and each stuck state means, and what to do about it: the one source of `/runbook` and docs/runbook.md.
 * Written for somebody who was woken: what is true now, the next act with its command, and what ends it.
 */
import type { AlertKind, Severity } from "../core/alert.ts";
import { APPLICATIONS } from "./runbook/applications.ts";
import { DEAD_KEYS } from "./runbook/dead-keys.ts";
import type { Matter, Step } from "./runbook/entry.ts";
import { EXPOSURES } from "./runbook/exposures.ts";
import { OTHER_KEYS } from "./runbook/other-keys.ts";
import { ROTATIONS } from "./runbook/rotations.ts";
import { ROTATOR } from "./runbook/rotator.ts";
import { type StateKind, STATES } from "./runbook/states.ts";
import { STRANGERS } from "./runbook/strangers.ts";

export type { Step } from "./runbook/entry.ts";

export type RunbookKind = AlertKind | StateKind;

export type RunbookEntry = {
  /** Its anchor on the page, and the kind of the alert. A state's begins with `state-`. */
  readonly kind: RunbookKind;
  /** The heading that it stands under, with others. */
  readonly section: string;
  /** In a few words. */
  readonly title: string;
  /** How it is told; none: it is a state, and not told. */
  readonly severities: readonly Severity[];
  /** What is true now. */
  readonly meaning: string;
  /** In this order; empty: nothing is to be done. Backticks in their text mark names and fields. */
  readonly actions: readonly Step[];
  /** What makes it end: itself, or which act. */
  readonly endsWhen: string;
};

const MATTERS: Readonly<Record<RunbookKind, Matter>> = {
  ...EXPOSURES,
  ...DEAD_KEYS,
  ...OTHER_KEYS,
  ...STRANGERS,
  ...ROTATIONS,
  ...APPLICATIONS,
  ...ROTATOR,
  ...STATES,
};

const SECTIONS: readonly (readonly [section: string, matters: object])[] = [
  ["A key leaked, or may have", EXPOSURES],
  ["A key is dead, or cannot rotate itself", DEAD_KEYS],
  ["Standbys, former keys and keys of others", OTHER_KEYS],
  ["Somebody else acts on a key", STRANGERS],
  ["A rotation does not go on", ROTATIONS],
  ["Applications after a rotation", APPLICATIONS],
  ["The rotator itself", ROTATOR],
  ["States", STATES],
];

export const RUNBOOK: readonly RunbookEntry[] = SECTIONS.flatMap(([section, matters]) =>
  Object.keys(matters)
    .filter(isKind)
    .map((kind) => ({ kind, section, ...MATTERS[kind] })),
);

const BY_KIND: ReadonlyMap<string, RunbookEntry> = new Map(RUNBOOK.map((entry) => [entry.kind, entry]));

/** undefined: no release that this one knows of has such a kind. */
export function runbookEntry(kind: string): RunbookEntry | undefined {
  return BY_KIND.get(kind);
}

function isKind(kind: string): kind is RunbookKind {
  return Object.hasOwn(MATTERS, kind);
}
