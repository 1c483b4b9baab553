/** The section `keys`: which Paddle keys are managed, where their secrets are, and how they are rotated. */
import { z } from "zod";
import type { RotationPolicy } from "../core/managed-key.ts";
import { mustBe, text } from "./fields.ts";
import { rotation } from "./rotation-policy.ts";
import { EVEN_AMONG_FAULTS, section } from "./section.ts";
import { type EnvFileConfig, envFile } from "./store.ts";

/** A managed key as configured. */
export type KeyConfig = {
  readonly name: string;
  readonly store: EnvFileConfig;
  readonly rotation: RotationPolicy;
  /** Where the standby lies; null: in the key's own store. Of that store nothing but its standby is used. */
  readonly standby: { readonly store: EnvFileConfig } | null;
};

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
    standby: section({ store: storeTypes }).optional(),
  }).transform(({ standby, ...rest }): KeyConfig => ({ ...rest, standby: standby ?? null }));
  const error = mustBe("a list with one entry, beginning with - name:, for each managed key");
  return z
    .array(key, { error })
    .min(1, { error })
    .superRefine(namesDiffer, EVEN_AMONG_FAULTS)
    .superRefine(placesDiffer, EVEN_AMONG_FAULTS);
}

const Named = z.object({ name: z.string() });
const Store = z.object({ path: z.string(), variables: z.record(z.string(), z.string()) });
const Placed = z.object({ store: Store });
const StandbyPlaced = z.object({ standby: z.object({ store: Store }) });

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
  for (const { index } of readable(keys, StandbyPlaced)) {
    const name = readable(keys, Named).find((named) => named.index === index)?.entry.name;
    const owner = name === undefined ? undefined : owners.get(`${name}-standby`);
    if (owner !== undefined)
      context.addIssue({
        code: "custom",
        path: [owner, "name"],
        message: `is the name of the standby of keys[${index}]; every key needs its own`,
      });
  }
}

type Place = {
  readonly index: number;
  /** The fields from the key down to the store's section. */
  readonly at: readonly string[];
  readonly path: string;
  /** Slot and variable. */
  readonly taken: readonly (readonly [slot: string, name: string])[];
};

function placesOf(keys: unknown): Place[] {
  const own = readable(keys, Placed).map(({ index, entry: { store } }): Place => {
    return { index, at: ["store"], path: store.path, taken: Object.entries(store.variables) };
  });
  const standbys = readable(keys, StandbyPlaced).map(({ index, entry }): Place => {
    // It is rotated there like any other key, so it takes the places of a whole key.
    const { path, variables } = entry.standby.store;
    return { index, at: ["standby", "store"], path, taken: Object.entries(variables) };
  });
  return [...own, ...standbys];
}

/** Two secrets in one variable would overwrite each other. */
function placesDiffer(keys: unknown, context: z.RefinementCtx): void {
  const owners = new Map<string, { place: Place; slot: string }>();
  for (const place of placesOf(keys)) {
    const told = new Set<Place>();
    for (const [slot, name] of place.taken) {
      const owner = owners.getOrInsert(`${place.path}\0${name}`, { place, slot });
      // One line for a pair of stores: what is wrong with their first variable is wrong with the others.
      if ((owner.place === place && owner.slot === slot) || told.has(owner.place)) continue;
      told.add(owner.place);
      context.addIssue({
        code: "custom",
        path: [place.index, ...place.at, "variables", slot],
        message: sameVariable(place, owner),
      });
    }
  }
}

function sameVariable(place: Place, { place: other, slot }: { place: Place; slot: string }): string {
  if (other === place) return `is the same as variables.${slot}; every secret needs a variable of its own`;
  const where = `keys[${other.index}].${other.at.join(".")}.variables.${slot}`;
  const remedy =
    place.at[0] === "standby"
      ? "give the standby its own file, or its own names under variables"
      : "give each key its own file, or its own names under variables";
  return `is the same variable of the same file as ${where}; ${remedy}`;
}
