/** The effects of one undisturbed graceful rotation, in order. */
export const EFFECTS = [
  "paddle.ask", // preflight
  "queue.note",
  "paddle.createRotation", // issue
  "store.write", // stage
  "queue.note",
  "paddle.ask", // activate
  "queue.note",
  "store.write", // promote
  "queue.note",
  "queue.note",
  "queue.wait",
  "paddle.ask", // is old dead?
  "queue.note",
  "store.write", // retire
  "queue.note",
  "queue.note",
  "queue.done",
] as const;
