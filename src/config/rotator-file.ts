/** The configuration file, `rotator.yaml`: one line here for each of its sections. */
import { type AdminConfig, adminSection, namesProxy } from "./admin.ts";
import { alertsFit, alertsSection, type ChannelConfig } from "./alerts.ts";
import { fieldFaults, formatPath, type Parsed } from "./faults.ts";
import { type KeyConfig, keysSection } from "./keys.ts";
import { type ListenersConfig, listenersSection } from "./listeners.ts";
import { type ReconcileConfig, reconcileFits, reconcileSection } from "./reconcile.ts";
import { type RetentionConfig, retentionSection } from "./retention.ts";
import { EVEN_AMONG_FAULTS, section } from "./section.ts";
import type { Variables } from "./variables.ts";
import { type WebhooksConfig, webhooksSection } from "./webhooks.ts";
import { parseYaml } from "./yaml-file.ts";

export type RotatorFile = {
  readonly keys: readonly KeyConfig[];
  readonly reconcile: ReconcileConfig;
  readonly retention: RetentionConfig;
  /** The channels that people hear through, besides the log. */
  readonly alerts: readonly ChannelConfig[];
  readonly admin: AdminConfig;
  readonly listeners: ListenersConfig;
  readonly webhooks: WebhooksConfig;
};

/** `namesProxy`: even among faults, so that nobody is told to add a sign-in that is there. */
export type FileReading = Parsed<RotatorFile> & { readonly namesProxy: boolean };

/** The schema of the file. Relative paths in it start at `folder`. */
export function rotatorFile(folder: string) {
  return section({
    keys: keysSection(folder),
    reconcile: reconcileSection.prefault({}),
    retention: retentionSection.prefault({}),
    alerts: alertsSection(folder).prefault({}),
    admin: adminSection.prefault({}),
    listeners: listenersSection(folder).prefault({}),
    webhooks: webhooksSection.prefault({}),
  })
    .superRefine(reconcileFits, EVEN_AMONG_FAULTS)
    .superRefine(alertsFit, EVEN_AMONG_FAULTS);
}

/** To make the schema takes longer than to apply it: one for each folder. */
const schemas = new Map<string, ReturnType<typeof rotatorFile>>();

export type FileText = {
  readonly text: string;
  /** The file's name, for people. */
  readonly name: string;
  /** Absolute: relative paths in the file start here. */
  readonly folder: string;
};

/** Reads and checks the text of the file; every fault has its line. */
export function parseRotatorFile({ text, name, folder }: FileText, variables: Variables): FileReading {
  const yaml = parseYaml(text, name, variables);
  // What cannot be read may name one.
  if (!yaml.ok) return { ...yaml, namesProxy: true };
  const { data, unreplaced, locate } = yaml.value;
  const parsed = schemas.getOrInsertComputed(folder, rotatorFile).safeParse(data);
  const proxy = { namesProxy: namesProxy(data) };
  if (parsed.success && unreplaced.length === 0) return { ok: true, value: parsed.data, ...proxy };
  // Of a text whose reference could not be replaced, nothing else can be said.
  const unread = new Set(unreplaced.map(({ path }) => formatPath(path)));
  const misfits = (parsed.error ? fieldFaults(parsed.error) : []).filter(
    ({ path }) => !unread.has(formatPath(path)),
  );
  return { ok: false, faults: locate([...unreplaced, ...misfits]), ...proxy };
}
