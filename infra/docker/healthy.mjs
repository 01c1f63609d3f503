/* global fetch */
/** Health check of a container: ends with 0 if the process beside it is ready. Argument: its metrics port. */
const ready = await fetch(`http://127.0.0.1:${process.argv[2]}/readyz`).then(
  answer => answer.ok,
  () => false,
)
process.exit(ready ? 0 : 1)
