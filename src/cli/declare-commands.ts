import { Argument, Command, Option } from 'commander';
import type { CommandIo } from './command-io.ts';
import { declareComparingCommands } from './declare-comparing-commands.ts';
import {
  dollarLimit,
  dollars,
  files,
  minutes,
  names,
  objectivesOf,
  positiveNumber,
  shareOfOne,
  wholeNumber,
} from './option-values.ts';
import {
  addCommonOptions,
  addConsentOptions,
  addRunOptions,
  addTaskOptions,
  withOneModel,
} from './options.ts';

/** What the commands get beside their flags. */
export interface CommandContext {
  readonly io: CommandIo;
  /** The arguments as given, without credentials, for the record that `hone resume` runs again. */
  readonly argv: readonly string[];
  /** Tells what the process ends with. */
  finish(exitCode: number): void;
  /** Runs another command line, in another folder; one that goes on with a run names it. */
  rerun(argv: readonly string[], cwd: string, resumes?: string): Promise<number>;
  /** Runs another command line with other streams. */
  rerunWith(argv: readonly string[], io: CommandIo): Promise<number>;
  /** The run that this command is to go on with. */
  readonly resumes?: string | undefined;
}

/**
 * All commands and flags. What a command does is imported when it runs, so that `--help` stays instant.
 */
export function declareCommands(context: CommandContext): Command {
  const hone = new Command('hone')
    .description('Finds better prompts and proves that they are better.')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `
Examples:
  hone eval prompt.md --data tickets.csv --expected category
  hone optimize prompt.md --data tickets.csv --expected category
  hone report`,
    );
  declareTaskCommands(hone, context);
  declareReoptimizeCommand(hone, context);
  declareHeadroomCommand(hone, context);
  declareRunCommands(hone, context);
  declareComparingCommands(hone, context);
  declareExportCommand(hone, context);
  declareStudioCommand(hone, context);
  declareMcpCommand(hone, context);
  declareUpkeepCommands(hone, context);
  return hone;
}

const whatToRun = 'a prompt file, or the name of a target in the config file';

function declareTaskCommands(hone: Command, context: CommandContext): void {
  addRunOptions(
    addTaskOptions(
      hone
        .command('eval')
        .argument('[prompt]', `${whatToRun}, or a file of suites; left out: every *.eval.ts`),
    )
      .optionsGroup('The task:')
      .option(
        '--candidate <file>',
        'parameters to run with, such as the winner of a target (default: its own)',
      )
      .option('--trials <n>', 'independent answers for each row (default: 1)', wholeNumber(1))
      .option('--by <field>', 'the score for each value of an input or expected field too')
      .option('--failing <experiment>', 'only the rows that were not right in an experiment, such as latest')
      .option('-w, --watch', 'evaluate again whatever changes, until Ctrl-C'),
  )
    .description('run a prompt on every row and score the answers')
    .action(async (prompt, options) => {
      const { runEvals } = await import('./commands/eval-suites.ts');
      context.finish(await runEvals(prompt, withOneModel(options), context));
    });
  addSearchOptions(
    hone.command('optimize').argument('[prompt]', `${whatToRun}; left out: no instructions yet`),
  )
    .optionsGroup('To choose an optimizer, without a run:')
    .option('--list', 'all of them: what each does, needs and costs, and when to take it')
    .option('--show-prompts', 'what an optimizer asks a model itself')
    .description('search for a better prompt, and prove it on rows that the search never saw')
    .action(async (prompt, options, command) => {
      if (options.list || options.showPrompts) {
        const { runShowOptimizers } = await import('./commands/show-optimizers.ts');
        context.finish(await runShowOptimizers(prompt, { options, given: flagsGiven(command) }, context));
        return;
      }
      if (Array.isArray(options.model)) {
        const { runOptimizeModels } = await import('./commands/optimize-models.ts');
        const { model: models, ...others } = options;
        context.finish(await runOptimizeModels(prompt, { models, options: others }, context));
        return;
      }
      const { runOptimize } = await import('./commands/optimize.ts');
      context.finish(await runOptimize(prompt, options, context));
    });
}

function declareReoptimizeCommand(hone: Command, context: CommandContext): void {
  addSearchOptions(hone.command('reoptimize').argument('<prompt>', 'a prompt file'))
    .optionsGroup('The proposal:')
    .option('--open-pr', 'push a branch and open a pull request where something is proven better')
    .option('--base <branch>', 'branch that it is for (default: GITHUB_REF_NAME, else main)')
    .option('--branch <name>', 'branch with the change (default: hone/reoptimize-<prompt>)')
    .option('--anyway', 'search also where rows, prompt and flags are those of the last time')
    .description('search again where rows or prompt are new, and propose what is proven better')
    .action(async (prompt, options) => {
      const { runReoptimize } = await import('./commands/reoptimize.ts');
      context.finish(await runReoptimize(prompt, withOneModel(options), context));
    });
}

/** Adds the flags of a search: its rows, its limits, how it goes. */
function addSearchOptions(command: Command): Command {
  return addRunOptions(
    addTaskOptions(command)
      .option(
        '--reflection-model <id>',
        'model that proposes prompts, for optimizers that ask one; handoff: you, or your coding agent',
      )
      .option(
        '--handoff-wait <minutes>',
        'longest wait for an answer of handoff (default: 0, the run ends and goes on later)',
        minutes,
      )
      .optionsGroup('Search:')
      .option('--optimizer <name>', 'how to search (default: auto)')
      .option('--max-candidates <n>', 'most candidates to try', wholeNumber(1))
      .option(
        '--max-reflection-calls <n>',
        'most calls of the reflection model (default: 200 on a paid model)',
        wholeNumber(0),
      )
      .option(
        '--objectives <list>',
        'what counts beside score, with hard limits: score,cost<=0.002,latency',
        objectivesOf,
      )
      .option('--stop-at <score>', 'end the search when a candidate reaches it on validation', shareOfOne)
      .option(
        '--patience <n>',
        'end the search when n candidates in a row did not take the lead',
        wholeNumber(1),
      )
      .option('--search-anyway', 'search also where the prompt gets every validation row right')
      .option('--fail-on-inconclusive', 'exit with 5 unless the improvement is proven')
      .optionsGroup('A model that replaces another:')
      .option(
        '--parity <id>',
        'the replaced model, beside which the new one is tested (default: the one that the prompt file names)',
      )
      .option('--no-parity', 'do not ask the replaced model')
      .option('--parity-margin <score>', 'largest loss that still is parity (default: 0.05)', shareOfOne),
  );
}

function declareHeadroomCommand(hone: Command, context: CommandContext): void {
  addRunOptions(addTaskOptions(hone.command('headroom').argument('[prompt]', whatToRun)), {
    usualCalls: '60',
  })
    .description('whether optimizing can pay here, in at most 60 calls')
    .action(async (prompt, options) => {
      const { runHeadroom } = await import('./commands/headroom.ts');
      context.finish(await runHeadroom(prompt, withOneModel(options), context));
    });
}

/** The long names of the flags that stand on the command line. */
function flagsGiven(command: Command): readonly string[] {
  return command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long, flags }) => long ?? flags);
}

function declareRunCommands(hone: Command, context: CommandContext): void {
  addCommonOptions(
    hone
      .command('report')
      .description('show the report of an optimization')
      .argument('[run]', 'id of the run (default: the latest)')
      .addOption(
        new Option('-f, --format <format>', 'how to show it')
          .choices(['terminal', 'md', 'html', 'json'])
          .default('terminal'),
      )
      .option('-o, --output <file>', 'write to a file; its extension decides the format (repeatable)', files),
  ).action(async (run, options) => {
    const { runReport } = await import('./commands/report.ts');
    context.finish(await runReport(run, options, context));
  });
  addConsentOptions(
    addCommonOptions(
      hone
        .command('resume')
        .description('go on with a run that was stopped')
        .argument('[run]', 'id of the run (default: the newest)'),
    ),
  ).action(async (run, options) => {
    const { runResume } = await import('./commands/resume.ts');
    context.finish(await runResume(run, options, context));
  });
}

function declareExportCommand(hone: Command, context: CommandContext): void {
  addCommonOptions(
    hone
      .command('export')
      .description('the final prompt for other places: your code, another SDK, a page to read')
      .argument('<prompt>', whatToRun)
      .addOption(
        new Option(
          '--as <form>',
          'what to write (default: by the name of the output, else markdown)',
        ).choices([
          'markdown',
          'messages',
          'openai',
          'anthropic',
          'typescript',
          'ai-sdk',
          'openai-sdk',
          'anthropic-sdk',
          'dspy',
        ]),
      )
      .option('-o, --output <file>', 'write to a file (default: stdout)')
      .option('--candidate <file>', 'parameters to export, such as the winner of a target (default: its own)')
      .option('--step <name>', 'which step, where a program has several')
      .option('-m, --model <id>', 'the model to name for a provider (default: that of the prompt)')
      .option('-c, --config <file>', 'config file (default: hone.config.ts, if there is one)')
      .option('-d, --data <file>', 'rows, where the prompt file does not name its inputs and outputs')
      .option('-e, --expected <columns>', 'columns with the right answer, separated by commas', names)
      .option('--inputs <columns>', 'columns that the prompt sees (default: all others)', names),
  ).action(async (prompt, options) => {
    const { runExport } = await import('./commands/export.ts');
    context.finish(await runExport(prompt, options, context));
  });
}

function declareStudioCommand(hone: Command, context: CommandContext): void {
  addCommonOptions(
    hone
      .command('studio')
      .description('look at runs, rows and prompts in the browser, on this machine alone')
      .option('-p, --port <n>', 'where it listens; 0 for a free port (default: 4747)', wholeNumber(0, 65_535))
      .option('--no-open', 'print the address and open no browser'),
  ).action(async (options) => {
    const { runStudio } = await import('./commands/studio.ts');
    context.finish(await runStudio(options, context));
  });
}

function declareMcpCommand(hone: Command, context: CommandContext): void {
  addCommonOptions(
    hone
      .command('mcp')
      .description('tools for a coding agent (Model Context Protocol, on stdin and stdout)')
      .option(
        '--allow-writes',
        'let it run evaluations and searches, and answer requests (default: only look)',
      )
      .option(
        '--budget-usd <usd>',
        'most US dollars of all its runs together, or none (default: 1, none with --base-url)',
        dollarLimit,
      )
      .option(
        '--max-calls <n>',
        'most calls of models of all its runs together (default: 2000)',
        wholeNumber(1),
      )
      .option('--max-minutes <n>', 'most minutes of all its runs together (default: 30)', positiveNumber)
      .option(
        '-m, --model <id>',
        'the model of every run (default: that of the prompt, or what the agent names)',
      )
      .option('--base-url <url>', 'an OpenAI-compatible server that answers for the model')
      .option('--price-input <usd>', 'US dollars per million input tokens', dollars)
      .option('--price-output <usd>', 'US dollars per million output tokens', dollars),
  ).action(async (options) => {
    const { runMcp } = await import('./commands/mcp.ts');
    context.finish(await runMcp(options, context));
  });
}

function declareUpkeepCommands(hone: Command, context: CommandContext): void {
  addConsentOptions(
    addCommonOptions(
      hone
        .command('init')
        .description('write a first prompt with example rows, or a config file')
        .option('--typescript', 'write hone.config.ts with a typed program instead of prompt.md')
        .option(
          '--from <file>',
          'take over a promptfoo config, a chat or fine-tuning file, or a saved DSPy program',
        )
        .option('--skill', 'write .claude/skills/hone/SKILL.md, which tells a coding agent how to use Hone')
        .option('--into <folder>', 'with --from or --skill: the folder to write to')
        .option('-e, --expected <columns>', 'with --from: the outputs of a DSPy program, by commas', names),
    ),
  ).action(async (options) => {
    const { runInit } = await import('./commands/init.ts');
    context.finish(await runInit(options, context));
  });
  addConsentOptions(
    addCommonOptions(
      hone
        .command('models')
        .description('the embedded local model: what is here, fetch it, where it lies')
        .addArgument(new Argument('[action]', 'what to do').choices(['list', 'pull', 'path']).default('list'))
        .argument('[model]', 'local/…, hf:owner/name/file.gguf or a .gguf file (default: the embedded model)')
        .option('--json', 'one JSON document on stdout'),
    ),
  ).action(async (action, model, options) => {
    const { runModels } = await import('./commands/models.ts');
    context.finish(await runModels({ action, model }, options, context));
  });
  addConsentOptions(
    addCommonOptions(
      hone
        .command('cache')
        .description('the stored answers: how many, or delete them')
        .addArgument(new Argument('[action]', 'what to do').choices(['stats', 'clear']).default('stats'))
        .option('--json', 'one JSON document on stdout'),
    ),
  ).action(async (action, options) => {
    const { runCache } = await import('./commands/cache.ts');
    context.finish(await runCache(action, options, context));
  });
  addCommonOptions(
    hone
      .command('doctor')
      .description('check that everything needed is here')
      .option('--json', 'one JSON document on stdout'),
  ).action(async (options) => {
    const { runDoctor } = await import('./commands/doctor.ts');
    context.finish(await runDoctor(options, context));
  });
}
