import { runTriggerBench } from './trigger.ts'
const r = await runTriggerBench({ quick: process.argv[2] !== 'full' })
console.log(JSON.stringify(r.conditions))
for (const f of r.figures) console.log(f.name.padEnd(60), f.value.toFixed(3), f.unit, f.goal, f.met)
