// How much of the waiting of a search runs side by side: the wall time of optimizers against a scripted task whose
// every call takes 50 ms, at concurrency 64, beside the sum of all calls one after the other.
// Run: npm run bench:wall-time [-- gepa mipro …]
import { availableParallelism, loadavg } from 'node:os';
import { optimize } from '../../dist/public/index.js';
import { openMemoryStore } from '../../dist/store/open-store.js';
import {
  ruleModel,
  ruleProgram,
  ruleReflection,
  ruleRoles,
  ruleScorer,
} from '../../dist/testing/rule-task.js';

const latencyMs = 50;
const concurrency = 64;
const calls = 2_000;
const names = process.argv.length > 2 ? process.argv.slice(2) : ['gepa', 'mipro', 'simba', 'auto'];

let asked = 0;
/** The same answers, each after the same time. */
const slow = (model) => ({
  ...model,
  generate: async (...request) => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, latencyMs));
    return model.generate(...request);
  },
});

console.log(`${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
console.log('optimizer     calls   one by one   wall time   share   winner on the test');
for (const optimizer of names) {
  asked = 0;
  const store = await openMemoryStore();
  const startedAt = performance.now();
  const { report } = await optimize({
    program: ruleProgram,
    dataset: ruleRoles(240),
    scorer: ruleScorer,
    optimizer,
    model: slow(ruleModel()),
    reflectionModel: slow(ruleReflection()),
    budget: { calls },
    concurrency,
    store,
  }).result();
  await store[Symbol.asyncDispose]();
  const seconds = (performance.now() - startedAt) / 1000;
  const sequential = (asked * latencyMs) / 1000;
  console.log(
    [
      optimizer.padEnd(12),
      String(asked).padStart(6),
      `${sequential.toFixed(1)} s`.padStart(11),
      `${seconds.toFixed(1)} s`.padStart(10),
      `${((100 * seconds) / sequential).toFixed(0)} %`.padStart(6),
      (report.sealedTest?.winner ?? Number.NaN).toFixed(2).padStart(8),
    ].join('  '),
  );
}
