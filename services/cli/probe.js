// The health check of a container: asks the process beside it whether it is ready. Plain JavaScript without imports, so it starts fast.
const address = process.env.PROBE_URL || `http://127.0.0.1:${process.env.HTTP_PORT || 8000}/readyz`;
try {
  const answer = await fetch(address, { signal: AbortSignal.timeout(4000) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
} catch (error) {
  console.error(`${address}: ${error.message}`);
  process.exitCode = 1;
}
