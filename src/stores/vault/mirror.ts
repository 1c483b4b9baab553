/**
 * What people see of the slots in the secret's custom metadata, where the vault command and its page show it without
 * showing the secrets. It is written for people and never read back.
 */
import { fromFields, type SlotFields } from "../../core/slot-fields.ts";
import type { IssuedSecret } from "../../core/slots.ts";
import type { CustomMetadata } from "./answers.ts";
import type { VaultFields } from "./words.ts";

/** Vault's limits: entries, and bytes of a name and of a text (Vault: KV version 2, custom_metadata). */
const MOST_ENTRIES = 64;
const LONGEST_NAME = 128;
const LONGEST_TEXT = 512;

/** The custom metadata with our entries as they should be and all others as they are; null: nothing to write. */
export function mirrored(
  present: CustomMetadata,
  slots: SlotFields,
  names: VaultFields,
): CustomMetadata | null {
  const ours = new Set(SLOTS.map((slot) => nameOf(names[slot])));
  const others = Object.entries(present).filter(([name]) => !ours.has(name));
  const wanted = Object.fromEntries([...others, ...entriesOf(slots, names)]);
  return Object.keys(wanted).length > MOST_ENTRIES || isSame(present, wanted) ? null : wanted;
}

const SLOTS = ["active", "old", "pending", "standby"] as const;

function nameOf(field: string): string {
  return `rotator.${field}`;
}

function entriesOf(fields: SlotFields, names: VaultFields): [string, string][] {
  const { slots } = fromFields(fields);
  const { active, old, pending, standby } = slots;
  const until = old?.until ?? null;
  const texts = {
    active: active && `${about(active)}${slots.rolledBack ? "; rolled back" : ""}`,
    old: old && `${about(old)}${until === null ? "" : `; until ${iso(until)}`}`,
    pending: pending && `${about(pending)}; not yet used, ${pending.mode}`,
    standby: standby && about(standby),
  };
  return SLOTS.flatMap((slot) => {
    const [name, text] = [nameOf(names[slot]), texts[slot]];
    return text !== null && isAccepted(name, text) ? [[name, text] as [string, string]] : [];
  });
}

function about({ secret, rotationId, issuedAt }: IssuedSecret): string {
  const facts = [
    secret.fingerprint(),
    ...(rotationId === null ? [] : [rotationId]),
    ...(issuedAt === null ? [] : [`issued ${iso(issuedAt)}`]),
  ];
  return facts.join("; ");
}

function isAccepted(name: string, text: string): boolean {
  return (
    Buffer.byteLength(name) <= LONGEST_NAME &&
    Buffer.byteLength(text) <= LONGEST_TEXT &&
    /^[\x20-\x7e]*$/.test(text)
  );
}

function isSame(one: CustomMetadata, other: CustomMetadata): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
