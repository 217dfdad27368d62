import { Argument, type Command, Option } from 'commander';
import { differenceRules } from '../evaluation/gate.ts';
import { rowKinds, rowOrders } from '../experiment/select-rows.ts';
import type { CommandContext } from './declare-commands.ts';
import {
  dollars,
  fieldValue,
  files,
  names,
  oneOfEach,
  positiveNumber,
  shareOfOne,
  wholeNumber,
} from './option-values.ts';
import { addCommonOptions, addRunOptions, addTaskOptions, withOneModel } from './options.ts';

/** The commands that compare what was measured, judge it and carry it to production. */
export function declareComparingCommands(hone: Command, context: CommandContext): void {
  declareExperimentCommands(hone, context);
  declareGateCommands(hone, context);
  declareJudgeCommand(hone, context);
  declareRegistryCommands(hone, context);
}

function declareJudgeCommand(hone: Command, context: CommandContext): void {
  addRunOptions(
    addTaskOptions(
      hone
        .command('judge')
        .addArgument(
          new Argument(
            '<action>',
            'calibrate: hold it against labels by people; align: search for a better one',
          ).choices(['calibrate', 'align'] as const),
        )
        .argument('<prompt>', 'the judge: a prompt file or a target whose last output is a closed choice'),
    )
      .option('--reflection-model <id>', 'align: model that proposes prompts')
      .option('--optimizer <name>', 'align: how to search (default: auto)'),
  )
    .description('how far a judge is to be believed, and a better one')
    .action(async (action, subject, options) => {
      const { runJudge } = await import('./commands/judge.ts');
      context.finish(await runJudge({ action, subject }, withOneModel(options), context));
    });
}

function declareExperimentCommands(hone: Command, context: CommandContext): void {
  addCommonOptions(
    hone
      .command('experiments')
      .description('evaluations and optimizations, newest first')
      .option('--limit <n>', 'how many (default: 20)', wholeNumber(1))
      .option('--json', 'one JSON document on stdout'),
  ).action(async (options) => {
    const { runExperiments } = await import('./commands/experiments.ts');
    context.finish(await runExperiments(options, context));
  });
  addCommonOptions(
    hone
      .command('compare')
      .description('evaluations side by side, row by row')
      .argument(
        '<experiments...>',
        'the baseline, then the others: ids, names, latest, latest~1, saved files',
      )
      .option('--by <field>', 'figures for each value of an input or expected field')
      .option('--slice <field=value>', 'only rows with this value', fieldValue)
      .option(
        '--show <kinds>',
        `rows to show, separated by commas: ${rowKinds.join(', ')} (default: those that changed)`,
        oneOfEach(rowKinds),
      )
      .addOption(
        new Option('--sort <by>', 'order of the rows (default: delta, losses first)').choices([...rowOrders]),
      )
      .option('--limit <n>', 'most rows to show (default: 10)', wholeNumber(0))
      .option('-o, --output <file>', 'write a file too; its extension decides the format (repeatable)', files)
      .option('--json', 'one JSON document on stdout'),
  ).action(async (experiments, options) => {
    const { runCompare } = await import('./commands/compare.ts');
    context.finish(await runCompare(experiments, options, context));
  });
}

function declareGateCommands(hone: Command, context: CommandContext): void {
  addCommonOptions(
    hone
      .command('gate')
      .description('whether an evaluation may go on: pass, fail or inconclusive')
      .argument('[experiment]', 'what is judged (default: latest)')
      .option(
        '--baseline <experiment>',
        'what it is compared with (default: the committed one, else by history)',
      )
      .option(
        '--base-ref <ref>',
        'branch whose history has the baseline (default: of the pull request, else main)',
      )
      .addOption(
        new Option('--rule <rule>', 'what the difference must show (default: no-regression)').choices([
          ...differenceRules,
          'none',
        ]),
      )
      .option('--margin <score>', 'largest loss that still is none (default: 0.05)', shareOfOne)
      .option('--threshold <score>', 'least score', shareOfOne)
      .option('--must-pass <ids>', 'rows that must be right, separated by commas', names)
      .option(
        '--max-broken <n>',
        'most rows that were right in all trials and are wrong in all',
        wholeNumber(0),
      )
      .option('--max-cost <usd>', 'most dollars of an answer, as a mean', dollars)
      .option('--max-latency <ms>', 'most milliseconds of 95 % of the answers', positiveNumber)
      .option('--fail-on-inconclusive', 'exit with 5 where it is inconclusive')
      .option('--github', 'in GitHub Actions: the comment, the summary, outputs and annotations')
      .option('--annotate <file>', 'the file that the annotations of --github are on')
      .option('--note <text>', 'something to say in the comment (repeatable)', files)
      .option('-o, --output <file>', 'write a file too; its extension decides the format (repeatable)', files)
      .option('--json', 'one JSON document on stdout'),
  ).action(async (experiment, options) => {
    const { runGate } = await import('./commands/gate.ts');
    context.finish(await runGate(experiment, options, context));
  });
  addCommonOptions(
    hone
      .command('baseline')
      .description('write the experiment that later gates compare with, to be committed')
      .addArgument(new Argument('<action>', 'what to do').choices(['accept']))
      .argument('[experiment]', 'which (default: latest)'),
  ).action(async (_action, experiment, options) => {
    const { runBaseline } = await import('./commands/gate.ts');
    context.finish(await runBaseline(experiment, options, context));
  });
}

function declareRegistryCommands(hone: Command, context: CommandContext): void {
  addCommonOptions(
    hone
      .command('prompts')
      .description('versions of prompts, and the channels that point to them')
      .addArgument(
        new Argument('[action]', 'what to do')
          .choices([
            'list',
            'show',
            'diff',
            'history',
            'publish',
            'promote',
            'rollback',
            'export',
            'import',
          ] as const)
          .default('list' as const),
      )
      .argument('[words...]', 'such as triage@3 production')
      .option('--message <text>', 'what is new in a published version')
      .option('--gate <file>', 'the passed gate that lets a version into a channel')
      .option('--force', 'promote without a passed gate; --reason must say why')
      .option('--reason <text>', 'why a channel is moved')
      .option('--actor <name>', 'who does it (default: who is logged in)')
      .option('--json', 'one JSON document on stdout'),
  ).action(async (action, words, options) => {
    const { runPrompts } = await import('./commands/prompts.ts');
    context.finish(await runPrompts({ action, words }, options, context));
  });
}
