/** An application that finds the new secret by itself, within its `refresh`, and shows nothing of it. */
import type { Consumer } from "../core/consumer.ts";

export type NoneOptions = Pick<Consumer, "name" | "refreshMs" | "timeoutMs">;

export function noneConsumer({ name, refreshMs, timeoutMs }: NoneOptions): Consumer {
  return {
    name,
    refreshMs,
    timeoutMs,
    needs: [],
    async notify() {
      return "told";
    },
    async observe() {
      return {
        state: "unprovable",
        instances: [],
        says: "Nothing shows which secret it uses: type none proves nothing.",
      };
    },
  };
}
