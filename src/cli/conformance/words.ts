/** What is read off a rotation, in words that show no secret. */
import type { Secret } from "../../core/secret.ts";
import type { RotationSeen } from "./asker.ts";

export function orderOf(places: readonly number[]): string {
  if (places.length < 2) return "unknown";
  const rises = places.slice(1).map((place, index) => place > (places[index] ?? 0));
  if (rises.every((each) => each)) return "oldest first";
  return rises.some((each) => each) ? "in no order of time" : "newest first";
}

/** Never what it is: only whether it is shown. */
export function shows(rotation: RotationSeen | undefined, secret: Secret): string {
  if (!rotation?.new_key) return "no";
  return rotation.new_key.equals(secret) ? "yes, whole" : "masked";
}

export function presence(value: unknown): string {
  return value === undefined ? "absent" : value === null ? "null" : "a time";
}

export function wordIn(value: unknown): string {
  return typeof value === "string" && /^[a-z_]{1,40}$/.test(value) ? value : "not said";
}

export function sameTime(a: string | null | undefined, b: string | null | undefined): boolean {
  const [one, other] = [a ?? null, b ?? null];
  return one === null || other === null ? one === other : Date.parse(one) === Date.parse(other);
}
