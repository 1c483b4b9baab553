/**
 * What all log lines of one piece of work have in common, whoever writes them: the job, the key, the event. A line that
 * another library's callback writes once the work is over has none of it.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export type LogContext = Readonly<Record<string, string>>;

const current = new AsyncLocalStorage<{ fields: LogContext | null }>();

/** Every line that `work` logs, now and until it has ended, carries these fields. */
export async function logged<Value>(fields: LogContext, work: () => Promise<Value>): Promise<Value> {
  const context: { fields: LogContext | null } = { fields: { ...logContext(), ...fields } };
  try {
    return await current.run(context, work);
  } finally {
    // A connection that was opened meanwhile keeps the context, and lives on.
    context.fields = null;
  }
}

export function logContext(): LogContext {
  return current.getStore()?.fields ?? {};
}
