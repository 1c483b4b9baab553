/** What `check` found: one line each, with what to do about it. */

export type Level = "ok" | "warning" | "failed";

export type Finding = {
  /** A key's name, or the part of the service, e.g. `queue`. */
  readonly about: string;
  readonly level: Level;
  readonly says: string;
  /** What to do; null: nothing, or what it says has it already. */
  readonly fix: string | null;
  /** What the rotator must be allowed to do there, line by line, ready to be pasted. */
  readonly needs: readonly string[];
};

export function ok(about: string, says: string): Finding {
  return { about, level: "ok", says, fix: null, needs: [] };
}

export function warning(about: string, says: string, fix: string | null): Finding {
  return { about, level: "warning", says, fix, needs: [] };
}

export function failed(
  about: string,
  says: string,
  fix: string | null,
  needs: readonly string[] = [],
): Finding {
  return { about, level: "failed", says, fix, needs };
}

const INDENT = " ".repeat(8);

export function linesOf({ level, about, says, fix, needs }: Finding): string[] {
  return [
    `${level.padEnd(7)} ${about}: ${says}`,
    ...(fix === null ? [] : [`${INDENT}fix: ${fix}`]),
    ...(needs.length === 0 ? [] : [`${INDENT}what the rotator needs there:`]),
    ...needs.map((line) => `${INDENT}  ${line}`),
  ];
}

/** The last line: what it all comes to. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const failures = count("failed");
  const warnings = count("warning");
  if (failures + warnings === 0) return "all is well";
  const parts = [
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(warnings > 0 ? [warnings === 1 ? "1 warning" : `${warnings} warnings`] : []),
  ];
  return parts.join(", ");
}
