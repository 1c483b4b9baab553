/** The section `keys`: which Paddle keys are managed, where their secrets are, and how they are rotated. */
import { z } from "zod";
import type { RotationPolicy } from "../core/managed-key.ts";
import { attestingDiffer } from "./consumers/attesting.ts";
import { type CheckConfig, checksSection, windowsFit } from "./checks/checks.ts";
import { type ConsumerConfig, consumersSection } from "./consumers/consumers.ts";
import { chosenChannels } from "./alerts.ts";
import { mustBe, text } from "./fields.ts";
import { graceSuffices } from "./grace-budget.ts";
import { rotation } from "./rotation-policy.ts";
import { EVEN_AMONG_FAULTS, section } from "./section.ts";
import { StorePlace } from "./stores/place.ts";
import { type StoreConfig, storeSection } from "./stores/stores.ts";

/** A managed key as configured. */
export type KeyConfig = {
  readonly name: string;
  readonly store: StoreConfig;
  readonly rotation: RotationPolicy;
  /** Where the standby lies; null: in the key's own store. Of that store nothing but its standby is used. */
  readonly standby: { readonly store: StoreConfig } | null;
  readonly consumers: readonly ConsumerConfig[];
  readonly checks: readonly CheckConfig[];
  /** The names of the channels that hear of it; null: all of them. */
  readonly alerts: readonly string[] | null;
};

/** The schema of the section. Relative paths start at `folder`. */
export function keysSection(folder: string) {
  const store = storeSection(folder);
  const key = section({
    name: text("1 to 63 of a-z, 0-9 and - (in quotes if it is a number)", (name) => {
      return /^[a-z0-9-]{1,63}$/.test(name);
    }),
    store,
    rotation: rotation.prefault({}),
    standby: section({ store }).optional(),
    consumers: consumersSection(folder).prefault([]),
    checks: checksSection.prefault([]),
    alerts: chosenChannels.optional(),
  })
    .superRefine(windowsFit, EVEN_AMONG_FAULTS)
    .transform(({ standby, alerts, ...rest }): KeyConfig => ({
      ...rest,
      standby: standby ?? null,
      alerts: alerts ?? null,
    }));
  const error = mustBe("a list with one entry, beginning with - name:, for each managed key");
  return z
    .array(key, { error })
    .min(1, { error })
    .superRefine(namesDiffer, EVEN_AMONG_FAULTS)
    .superRefine(placesDiffer, EVEN_AMONG_FAULTS)
    .superRefine(attestingDiffer, EVEN_AMONG_FAULTS)
    .superRefine(graceSuffices, EVEN_AMONG_FAULTS);
}

const Named = z.object({ name: z.string() });
const Store = z.object({ place: StorePlace });
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

type Place = StorePlace & {
  readonly index: number;
  /** The fields from the key down to the store's section. */
  readonly at: readonly string[];
};

function placesOf(keys: unknown): Place[] {
  const own = readable(keys, Placed).map(({ index, entry }) => {
    return { ...entry.store.place, index, at: ["store"] };
  });
  const standbys = readable(keys, StandbyPlaced).map(({ index, entry }) => {
    // It is rotated there like any other key, so it takes the places of a whole key.
    return { ...entry.standby.store.place, index, at: ["standby", "store"] };
  });
  return [...own, ...standbys];
}

/** Two secrets in one text would overwrite each other. */
function placesDiffer(keys: unknown, context: z.RefinementCtx): void {
  const owners = new Map<string, { place: Place; slot: string }>();
  for (const place of placesOf(keys)) {
    const told = new Set<Place>();
    for (const [slot, name] of Object.entries(place.names)) {
      const owner = owners.getOrInsert(`${place.container}\0${name}`, { place, slot });
      // One line for a pair of stores: what is wrong with their first name is wrong with the others.
      if ((owner.place === place && owner.slot === slot) || told.has(owner.place)) continue;
      told.add(owner.place);
      context.addIssue({
        code: "custom",
        path: [place.index, ...place.at, ...fieldOf(place, slot)],
        message: sameText(place, owner),
      });
    }
  }
}

/** The field that names a slot's text, below the store's section. */
function fieldOf({ namesIn }: Place, slot: string): string[] {
  return namesIn === null ? [] : [namesIn, slot];
}

function sameText(place: Place, { place: other, slot }: { place: Place; slot: string }): string {
  const { noun, namesIn } = place;
  const thing = namesIn?.replace(/s$/, "") ?? "";
  if (other === place) return `is the same as ${namesIn}.${slot}; every secret needs a ${thing} of its own`;
  const where = [`keys[${other.index}]`, ...other.at, ...fieldOf(other, slot)].join(".");
  const who = place.at[0] === "standby" ? "the standby" : "each key";
  if (namesIn === null) return `is the same ${noun} as ${where}; give ${who} its own`;
  return `is the same ${thing} of the same ${noun} as ${where}; give ${who} its own ${noun}, or its own names under ${namesIn}`;
}
