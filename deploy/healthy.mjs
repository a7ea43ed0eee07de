// For an image without a shell: ends with 0 where the gateway in it would take a request now.
const { PORT = '4000' } = process.env
const ready = await fetch(`http://127.0.0.1:${PORT}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
  ({ ok }) => ok,
  () => false,
)
process.exitCode = ready ? 0 : 1
