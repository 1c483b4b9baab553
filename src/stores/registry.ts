/** Every kind of secret store there is. Another one takes a file of its own and one line here. */
import type { SecretStore } from "../core/ports.ts";
import { type EnvFileOptions, EnvFileStore } from "./env-file/store.ts";

const STORES = {
  "env-file": (options: EnvFileOptions) => new EnvFileStore(options),
} satisfies Record<string, (options: never) => SecretStore>;

type StoreType = keyof typeof STORES;
type Options = { readonly [Type in StoreType]: Parameters<(typeof STORES)[Type]>[0] };
type Factories = { readonly [Type in StoreType]: (options: Options[Type]) => SecretStore };

/** The store of a managed key, by the `type` of its configuration. Nothing is opened or read yet. */
export function createStore<Type extends StoreType>(
  config: { readonly type: Type } & Options[Type],
): SecretStore {
  const factories: Factories = STORES;
  return factories[config.type](config);
}
