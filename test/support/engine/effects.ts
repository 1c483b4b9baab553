/** The effects of one undisturbed graceful rotation, in order. */
export const EFFECTS = [
  "paddle.ask", // preflight
  "queue.note",
  "records.append", // that we issue
  "paddle.createRotation", // issue
  "records.append", // which rotation is ours
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
  "records.append", // the audit record
  "records.putIfAbsent",
  "queue.done",
] as const;
