/** The section `listeners`: certificates for listeners that speak TLS themselves, without a proxy in front. */
import { resolve } from "node:path";
import { text } from "./fields.ts";
import { section } from "./section.ts";

/** Absolute paths. */
export type TlsFiles = { readonly certFile: string; readonly keyFile: string };

/** null: plain HTTP. */
export type ListenersConfig = { readonly publicTls: TlsFiles | null; readonly adminTls: TlsFiles | null };

const file = text("the path of a file in PEM", (path) => path !== "" && !path.includes("\0"));

/** @param folder relative paths start here */
export function listenersSection(folder: string) {
  const at = file.transform((path) => resolve(folder, path));
  const listener = section({ tls: section({ certFile: at, keyFile: at }).optional() });
  return section({ public: listener.prefault({}), admin: listener.prefault({}) }).transform(
    (given): ListenersConfig => ({
      publicTls: given.public.tls ?? null,
      adminTls: given.admin.tls ?? null,
    }),
  );
}
