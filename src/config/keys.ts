/** The section `keys`: which Paddle keys are managed, where their secrets are, and how they are rotated. */
import { resolve } from "node:path";
import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import type { RotationPolicy } from "../core/managed-key.ts";
import { duration, mustBe, text } from "./fields.ts";
import { EVEN_AMONG_FAULTS, section } from "./section.ts";

/** Which variable of the file holds which secret. */
export type SlotVariables = Readonly<Record<"active" | "old" | "pending" | "standby", string>>;

export type EnvFileConfig = {
  readonly type: "env-file";
  /** Absolute. */
  readonly path: string;
  /** As the operator wrote it. */
  readonly displayPath: string;
  readonly variables: SlotVariables;
};

/** A managed key as configured. */
export type KeyConfig = {
  readonly name: string;
  readonly store: EnvFileConfig;
  readonly rotation: RotationPolicy;
};

/** The longest lifetime: far beyond any that Paddle grants, and a date that every system can write. */
const MAX_LIFETIME_DAYS = 3650;

const ms = (written: string): number => parseDuration(written) ?? Number.NaN;

const variable = text("a variable name: letters, digits and _, not beginning with a digit", (name) => {
  return /^[A-Za-z_]\w*$/.test(name);
});

/** @param folder relative paths start here */
function envFile(folder: string) {
  return section({
    type: z.literal("env-file"),
    path: text("the path of a file", (path) => path !== "" && !path.includes("\0")),
    variables: section({
      active: variable.prefault("ACTIVE_PADDLE_KEY"),
      old: variable.prefault("OLD_PADDLE_KEY"),
      pending: variable.prefault("PENDING_PADDLE_KEY"),
      standby: variable.prefault("STANDBY_PADDLE_KEY"),
    }).prefault({}),
  }).transform(({ type, path, variables }): EnvFileConfig => ({
    type,
    path: resolve(folder, path),
    displayPath: path,
    variables,
  }));
}

const rotation = section({
  lifetime: duration(
    // Paddle: api_key.expiring is sent within 7 days of the expiry.
    `a duration such as 90d, longer than 7d and at most ${MAX_LIFETIME_DAYS}d (Paddle warns 7 days before the expiry: a shorter life would mean rotating without end)`,
    (lifetime) => lifetime > ms("7d") && lifetime <= ms(`${MAX_LIFETIME_DAYS}d`),
  ).optional(),
  grace: duration(
    "a duration such as 1h, from 0 to 24h (the longest that Paddle grants)",
    (grace) => grace <= ms("24h"),
  ).prefault("24h"),
}).transform(({ lifetime, grace }): RotationPolicy => ({
  lifetimeMs: lifetime ?? null,
  graceSeconds: grace / 1000,
}));

/** The schema of the section. Relative paths start at `folder`. */
export function keysSection(folder: string) {
  const storeTypes = z.discriminatedUnion("type", [envFile(folder)], {
    error: ({ code }) =>
      code === "invalid_union" ? "must be env-file" : "must be a section with type: env-file and a path",
  });
  const key = section({
    name: text("1 to 63 of a-z, 0-9 and - (in quotes if it is a number)", (name) => {
      return /^[a-z0-9-]{1,63}$/.test(name);
    }),
    store: storeTypes,
    rotation: rotation.prefault({}),
  });
  const error = mustBe("a list with one entry, beginning with - name:, for each managed key");
  return z
    .array(key, { error })
    .min(1, { error })
    .superRefine(namesDiffer, EVEN_AMONG_FAULTS)
    .superRefine(placesDiffer, EVEN_AMONG_FAULTS);
}

const Named = z.object({ name: z.string() });
const Placed = z.object({
  store: z.object({ path: z.string(), variables: z.record(z.string(), z.string()) }),
});

/** The entries of a list that may hold anything, with their place, as far as `view` can read them. */
function readable<View>(list: unknown, view: z.ZodType<View>): { index: number; entry: View }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) => {
    const entry = view.safeParse(item);
    return entry.success ? [{ index, entry: entry.data }] : [];
  });
}

/** A name stands for one key, in the API and in every message. */
function namesDiffer(keys: unknown, context: z.RefinementCtx): void {
  const owners = new Map<string, number>();
  for (const { index, entry } of readable(keys, Named)) {
    const owner = owners.get(entry.name);
    owners.set(entry.name, owner ?? index);
    if (owner !== undefined)
      context.addIssue({
        code: "custom",
        path: [index, "name"],
        message: `is also the name of keys[${owner}]; every key needs its own`,
      });
  }
}

/** Two secrets in one variable would overwrite each other. */
function placesDiffer(keys: unknown, context: z.RefinementCtx): void {
  const owners = new Map<string, { index: number; slot: string }>();
  for (const { index, entry } of readable(keys, Placed)) {
    const told = new Set<number>();
    for (const [slot, name] of Object.entries(entry.store.variables)) {
      const place = `${entry.store.path}\0${name}`;
      const owner = owners.getOrInsert(place, { index, slot });
      // One line for a pair of keys: what is wrong with their first variable is wrong with the others.
      if ((owner.index === index && owner.slot === slot) || told.has(owner.index)) continue;
      told.add(owner.index);
      context.addIssue({
        code: "custom",
        path: [index, "store", "variables", slot],
        message:
          owner.index === index
            ? `is the same as variables.${owner.slot}; every secret needs a variable of its own`
            : `is the same variable of the same file as keys[${owner.index}].store.variables.${owner.slot}; give each key its own file, or its own names under variables`,
      });
    }
  }
}
