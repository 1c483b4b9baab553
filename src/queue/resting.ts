/** A server that answers and refuses is not asked again at once. */
import { setTimeout as pause } from "node:timers/promises";
import { type IQueueBackend, isNotConnectionError } from "bullmq";

/** As long as after a lost connection. */
const REST_MS = 1_000;

/**
 * BullMQ's workers rest where their connection is lost. Where the next job is refused (a replica, a full memory or disk, a
 * permission), they would ask again in the same moment, for as long as it lasts, with all that a core can do.
 */
export function resting<Backend extends Pick<IQueueBackend, "moveToActive">>(backend: Backend): Backend {
  const moveToActive = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...args) => {
    try {
      return await moveToActive(...args);
    } catch (error) {
      if (error instanceof Error && isNotConnectionError(error)) await pause(REST_MS);
      throw error;
    }
  };
  return backend;
}
