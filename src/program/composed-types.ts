import type { JsonObject } from '../base/json.ts';
import type { InputOf } from '../signature/field.ts';
import type { AnyProgram, Program } from './program.ts';

/** Shown by the compiler in place of a program that does not fit where it stands. */
export interface CompositionError<Message extends string> {
  readonly 'these programs do not fit together': Message;
}

/** What a program takes. */
export type InputsOf<Step> = Step extends Program<infer Inputs, infer _> ? Inputs : never;

/** What a program gives. */
export type OutputsOf<Step> = Step extends Program<infer _, infer Outputs> ? Outputs : never;

/** An intersection as one object, which is what a tooltip should show. */
export type Flat<Fields> = Fields extends infer All ? { readonly [Name in keyof All]: All[Name] } : never;

/** Fields whose names are only known at run time. */
export type IsOpen<Fields> = string extends keyof Fields ? true : false;

/** The later fields win. */
type Override<Before, After> = Omit<Before, keyof After> & After;

/** What a step takes of the row: its inputs that nothing before it gives. */
type Lacking<Inputs, Given> = Pick<Inputs, Exclude<keyof Inputs, keyof Given>>;

interface Folded<Needs, Given> {
  readonly needs: Needs;
  readonly given: Given;
}

/** What steps one after another need of a row, and all that they give. */
type FoldSteps<Steps, Needs, Given> = Steps extends readonly [infer First, ...infer Rest]
  ? true extends IsOpen<InputsOf<First>> | IsOpen<OutputsOf<First>>
    ? Folded<JsonObject, JsonObject>
    : FoldSteps<Rest, Needs & Lacking<InputsOf<First>, Given>, Override<Given, OutputsOf<First>>>
  : Steps extends readonly []
    ? Folded<Needs, Given>
    : Folded<JsonObject, JsonObject>;

// biome-ignore lint/complexity/noBannedTypes: the empty object is where the fields are gathered.
type StepsFolded<Steps> = FoldSteps<Steps, {}, {}>;

/** What a pipeline of these steps takes. */
export type PipelineInputs<Steps> = Flat<StepsFolded<Steps>['needs']>;

/** Everything that a pipeline of these steps may give. */
export type PipelineFields<Steps> = StepsFolded<Steps>['given'];

/** What a pipeline of these steps gives: what its last step does, or the outputs that are named. */
export type PipelineOutputs<Steps, Names> = [Names] extends [undefined]
  ? Steps extends readonly [...infer _, infer Last]
    ? OutputsOf<Last>
    : JsonObject
  : Names extends readonly (infer Name)[]
    ? Flat<Pick<PipelineFields<Steps>, Name & keyof PipelineFields<Steps>>>
    : JsonObject;

/** A name that two fields share although a value of the first is none of the second. */
type Clash<Given, Taken> = true extends IsOpen<Given> | IsOpen<Taken>
  ? never
  : {
      [Name in keyof Given & keyof Taken]: Exclude<Given[Name], undefined> extends Taken[Name] ? never : Name;
    }[keyof Given & keyof Taken];

/** The steps themselves where each takes what the ones before it give, else a sentence in the place of the one that does not. */
// biome-ignore lint/complexity/noBannedTypes: the empty object is where the fields are gathered.
export type CheckedPipeline<Steps, Given = {}> = Steps extends readonly [infer First, ...infer Rest]
  ? [Clash<Given, InputsOf<First>>] extends [never]
    ? readonly [First, ...CheckedPipeline<Rest, Override<Given, OutputsOf<First>>>]
    : readonly [
        CompositionError<`“${Clash<Given, InputsOf<First>> & string}” is of another type in the step that gives it`>,
        ...Rest,
      ]
  : Steps extends readonly []
    ? readonly []
    : readonly AnyProgram[];

/** What programs beside each other take together. */
export type ParallelInputs<Parts> = Flat<FoldParts<Parts, 'inputs'>>;

/** What programs beside each other give together. */
export type ParallelOutputs<Parts> = Flat<FoldParts<Parts, 'outputs'>>;

// biome-ignore lint/complexity/noBannedTypes: the empty object is where the fields are gathered.
type FoldParts<Parts, Side extends 'inputs' | 'outputs', Gathered = {}> = Parts extends readonly [
  infer First,
  ...infer Rest,
]
  ? true extends IsOpen<InputsOf<First>> | IsOpen<OutputsOf<First>>
    ? JsonObject
    : FoldParts<Rest, Side, Gathered & (Side extends 'inputs' ? InputsOf<First> : OutputsOf<First>)>
  : Parts extends readonly []
    ? Gathered
    : JsonObject;

/** The programs themselves where no two give the same, else a sentence in the place of the second. */
export type CheckedParallel<Parts, Given = never> = Parts extends readonly [infer First, ...infer Rest]
  ? true extends IsOpen<OutputsOf<First>>
    ? readonly AnyProgram[]
    : [keyof OutputsOf<First> & Given] extends [never]
      ? readonly [First, ...CheckedParallel<Rest, Given | keyof OutputsOf<First>>]
      : readonly [
          CompositionError<`“${keyof OutputsOf<First> & Given & string}” is given by a program before it`>,
          ...Rest,
        ]
  : Parts extends readonly []
    ? readonly []
    : readonly AnyProgram[];

/** All of them, each as an inference site of its own. */
type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  each: infer Together,
) => void
  ? Together
  : never;

/** What the branches of a branching program take together. */
export type BranchesInputs<To> = AllOf<InputsOf<To[keyof To]>>;

/** What a choosing function takes beside what the branches take, by the texts of its types. */
export type TakenInputs<Takes> = { readonly [Name in keyof Takes]: InputOf<Takes[Name]> };

/** What a choosing function is given. */
export type ChoiceInputs<To, Takes> = Flat<BranchesInputs<To> & TakenInputs<Takes>>;

/** What a branching program takes: what chooses, and what each of its branches needs. */
export type BranchInputs<By, To, Takes> = Flat<
  By extends AnyProgram
    ? InputsOf<By> & Omit<BranchesInputs<To>, keyof OutputsOf<By>>
    : BranchesInputs<To> & TakenInputs<Takes>
>;
