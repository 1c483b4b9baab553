/** Whether each secret store can be read and written, and holds what it should. Nothing is written. */
import type { Config } from "../../config/config.ts";
import type { Leases, SecretStore } from "../../core/ports.ts";
import type { IssuedSecret, Slots } from "../../core/slots.ts";
import { type Bounds, within } from "./bounds.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

type Key = Config["keys"][number];

/** What a store is for. */
export type Slot = "active" | "standby";

/** Opens a store that is only looked at. @param holds which of a key's secrets it is there for */
export type OpenStore = (options: Key["store"], holds: Slot) => Promise<SecretStore>;

/** For stores that are only looked at. */
export const NO_LEASES: Leases = { take: async () => false, giveBack: async () => {} };

export type StoreLook = {
  readonly findings: readonly Finding[];
  /** null: it could not be read. */
  readonly slots: Slots | null;
  readonly location: string;
};

/** The key's own store. */
export function lookAtActive(key: Key, open: OpenStore, bounds: Bounds): Promise<StoreLook> {
  return look({ about: key.name, options: key.store, holds: "active" }, open, bounds);
}

/** The store of the standby; null: it lies in the key's own. */
export async function lookAtStandby(key: Key, open: OpenStore, bounds: Bounds): Promise<StoreLook | null> {
  if (!key.standby) return null;
  return look({ about: `${key.name}-standby`, options: key.standby.store, holds: "standby" }, open, bounds);
}

type Place = { readonly about: string; readonly options: Key["store"]; readonly holds: Slot };

async function look({ about, options, holds }: Place, open: OpenStore, bounds: Bounds): Promise<StoreLook> {
  const opened = await within(bounds, about, "opening its store", () => open(options, holds));
  if (!opened.done) return { findings: [opened.finding], slots: null, location: options.type };
  const store = opened.value;
  const { location, guide } = store;
  const read = await within(bounds, about, `reading ${location}`, () => store.read());
  if (!read.done) return { findings: [{ ...read.finding, needs: guide.needs }], slots: null, location };
  const { slots } = read.value;
  const secret = slots[holds];
  // Asked even where the secret is missing: both are mended at once.
  const writable = await within(bounds, about, `looking whether ${location} can be written`, () =>
    store.checkWritable(),
  );
  const findings = [
    ...(secret ? [] : [missing(about, location, holds)]),
    ...(writable.done
      ? writable.value.map((undone) => ({ ...warning(about, undone, null), needs: guide.needs }))
      : [{ ...writable.finding, needs: guide.needs }]),
  ];
  if (secret && writable.done)
    findings.unshift(ok(about, `${location}; ${readBy(holds, guide.applicationsRead)}`));
  return { findings, slots, location };
}

function missing(about: string, location: string, holds: Slot): Finding {
  return failed(
    about,
    `${location} holds no ${holds} secret`,
    "create a rotatable key in Paddle > Developer tools > Authentication and put it there",
  );
}

function readBy(holds: Slot, applicationsRead: string): string {
  return holds === "active" ? `applications read ${applicationsRead}` : "no application reads it";
}

/** The secret that is kept ready, wherever it lies. */
export function standbyIn(own: StoreLook, elsewhere: StoreLook | null): IssuedSecret | null {
  return (elsewhere ?? own).slots?.standby ?? null;
}
