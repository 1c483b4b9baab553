/** The container's health: 0 while the service can take work. Needs no curl, and no credentials. */
const port = process.env.ADMIN_PORT ?? "9090";
try {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_500) });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
