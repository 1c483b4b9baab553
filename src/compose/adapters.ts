/** What the service is made of when nobody replaces it. */
import { createChannel } from "../alerts/channels/registry.ts";
import { systemClock } from "../clock.ts";
import { createConsumer } from "../consumers/registry.ts";
import type { Clock } from "../core/ports.ts";
import { createPaddleClient } from "../paddle/client.ts";
import { buildProcessors } from "../rotation/processors.ts";
import { createStore } from "../stores/registry.ts";

/** What tests replace, to do to the service what the world does. */
export type Adapters = {
  readonly clock: Clock;
  readonly openPaddle: typeof createPaddleClient;
  readonly openStore: typeof createStore;
  readonly openConsumer: typeof createConsumer;
  readonly openChannel: typeof createChannel;
  readonly buildProcessors: typeof buildProcessors;
};

export const ADAPTERS: Adapters = {
  clock: systemClock,
  openPaddle: createPaddleClient,
  openStore: createStore,
  openConsumer: createConsumer,
  openChannel: createChannel,
  buildProcessors,
};
