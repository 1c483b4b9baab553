/**
 * Whether a rotation at Paddle is the platform's own, where a platform rotates the key: Paddle does not say who asked
 * for it, so it goes by when. Pure.
 */
import type { KeyRotation } from "../core/paddle-key.ts";

/** A platform tries a failed step again for some minutes. */
const TAKES_MS = 15 * 60_000;
const CLOCK_DOUBT_MS = 60_000;

/**
 * The platform makes one secret at a time: of the rotations within the time that this takes, those up to the first
 * one that was completed are its own, and what comes after that is somebody else's.
 *
 * @param begunAt when the platform began to make each secret that is known, epoch milliseconds
 */
export function isPlatformsOwn(
  rotation: KeyRotation,
  all: readonly KeyRotation[],
  begunAt: readonly number[],
): boolean {
  return begunAt.some((begin) => {
    const isWithin = ({ createdAt }: KeyRotation) =>
      createdAt !== null && createdAt >= begin - CLOCK_DOUBT_MS && createdAt <= begin + TAKES_MS;
    if (!isWithin(rotation)) return false;
    return !all.some((other) => other.status === "completed" && isWithin(other) && isBefore(other, rotation));
  });
}

function isBefore(a: KeyRotation, b: KeyRotation): boolean {
  return (a.createdAt ?? 0) < (b.createdAt ?? 0);
}
