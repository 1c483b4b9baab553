/** Secrets in memory that only ever add versions, for tests: every effect can be awaited, stopped or lost. */
import type { SecretVersion, VersionedSecret } from "../../../src/stores/versioned-secret.ts";

/** What happens to one effect: nothing of it, all of it, or all but its answer. Throws or waits at will. */
export type Effects = (effect: string, run: () => void) => Promise<void>;

export const UNDISTURBED: Effects = async (_, run) => run();

/** The two secrets themselves. */
export type Versions = { texts: string[]; disabled: Set<string>; old: string | null };

export const noVersions = (): Versions => ({ texts: [], disabled: new Set(), old: null });

/** @param counts whether names of versions tell their order */
export function memoryVersions(
  name: string,
  kept: Versions,
  counts: boolean,
  effects: () => Effects,
): VersionedSecret {
  const nameOf = (index: number) => (counts ? String(index + 1) : `v${((index + 1) * 7_919) % 1_009}`);
  const indexOf = (version: string) => kept.texts.findIndex((_, index) => nameOf(index) === version);
  return {
    name,
    async newest(): Promise<SecretVersion | null> {
      const text = kept.texts.at(-1);
      return text === undefined ? null : { text, version: nameOf(kept.texts.length - 1) };
    },
    async add(text) {
      let version = "";
      await effects()(`add to ${name}`, () => {
        version = nameOf(kept.texts.push(text) - 1);
      });
      return { version };
    },
    async earlier(version) {
      const names = kept.texts.slice(0, indexOf(version)).map((_, index) => nameOf(index));
      return names.filter((one) => !kept.disabled.has(one));
    },
    disable: (version) => effects()(`disable of ${name}`, () => void kept.disabled.add(version)),
    async markOld(version) {
      if (kept.old === version) return;
      await effects()(`mark of ${name}`, () => {
        kept.old = version;
      });
    },
    ...(counts && {
      precedes: (version: string) => (version === "1" ? null : String(Number(version) - 1)),
      at: async (version: string) =>
        kept.disabled.has(version) ? null : (kept.texts[indexOf(version)] ?? null),
    }),
  };
}
