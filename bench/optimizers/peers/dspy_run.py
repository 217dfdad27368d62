"""DSPy's optimizers on the landscape, for `npm run bench:optimizers`.

Set up once, anywhere outside the repository:  python3 -m venv VENV && VENV/bin/pip install "dspy[optuna]==3.4.1" gepa
Run:  VENV/bin/python bench/optimizers/peers/dspy_run.py --out bench/results/optimizers.jsonl [--seeds 1,2] [--names GEPA,MIPROv2]
Calls are counted by the server. The truth of a winner is worked out by run.mjs from its prompt.
"""
import argparse
import json
import os
import pathlib
import subprocess
import time
import urllib.request

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("--seeds", default="1,2,3,4,5,6,7,8,9,10")
parser.add_argument("--names", default="GEPA,MIPROv2,SIMBA,COPRO,BootstrapRS")
parser.add_argument("--out", required=True)
given = parser.parse_args()
os.environ.setdefault("DSPY_CACHEDIR", f"/tmp/dspy-cache-{os.getpid()}")

import dspy  # noqa: E402


def metric(example, prediction, trace=None):
    return float(str(prediction.action).strip() == example.action)


def with_feedback(example, prediction, trace=None, pred_name=None, pred_trace=None):
    right = metric(example, prediction)
    said = "Right." if right else f"Wrong: expected action {example.action}, got {prediction.action}."
    return dspy.Prediction(score=right, feedback=said)


def compile_with(name, program, train, validation, seed, reflection):
    if name == "GEPA":
        made = dspy.GEPA(metric=with_feedback, auto="light", reflection_lm=reflection, seed=seed, num_threads=8)
        return made.compile(program, trainset=train, valset=validation)
    if name == "MIPROv2":
        made = dspy.MIPROv2(metric=metric, auto="light", prompt_model=reflection, seed=seed, num_threads=8, verbose=False)
        return made.compile(program, trainset=train, valset=validation)
    if name == "SIMBA":
        made = dspy.SIMBA(metric=metric, prompt_model=reflection, num_threads=8)
        return made.compile(program, trainset=train, seed=seed)
    if name == "COPRO":
        made = dspy.COPRO(metric=metric, prompt_model=reflection)
        return made.compile(program, trainset=train, eval_kwargs={"num_threads": 8, "display_progress": False})
    if name == "BootstrapRS":
        made = dspy.BootstrapFewShotWithRandomSearch(metric=metric, num_threads=8)
        return made.compile(program, trainset=train, valset=validation)
    raise SystemExit(f"There is no optimizer {name}.")


def prompt_of(program):
    predictor = program.predictors()[0]
    demos = [f"{demo['note']}\naction: {demo['action']}" for demo in predictor.demos if demo.get("note")]
    return "\n\n".join([predictor.signature.instructions, *demos])


def run(name, seed):
    server = subprocess.Popen(["node", str(here.parent / "server.mjs"), str(seed)], stdout=subprocess.PIPE, text=True)
    try:
        start = json.loads(server.stdout.readline())
        base = f"http://127.0.0.1:{start['port']}/v1"
        model = lambda id, temperature: dspy.LM(f"openai/{id}", api_base=base, api_key="none", temperature=temperature, cache=False, max_tokens=4000)
        dspy.configure(lm=model("task", 0.0))
        rows = [dspy.Example(note=row["note"], action=row["action"]).with_inputs("note") for row in start["rows"]]
        signature = dspy.Signature(
            {"note": (str, dspy.InputField()), "action": (str, dspy.OutputField(desc="ship, hold, return or scrap"))},
            "Say what to do with the parcel.",
        )
        began = time.time()
        program = compile_with(name, dspy.Predict(signature), rows[:60], rows[60:120], int(seed), model("reflection", 1.0))
        counts = json.load(urllib.request.urlopen(f"{base}/counts"))
        return {
            "key": f"dspy/{name}/{seed}",
            "tool": "DSPy",
            "name": name,
            "seed": str(seed),
            "budget": "light",
            "task": counts["task"],
            "reflection": counts["reflection"],
            "seconds": round(time.time() - began, 1),
            "prompt": prompt_of(program),
        }
    finally:
        server.kill()


path = pathlib.Path(given.out)
done = {json.loads(line)["key"] for line in path.read_text().splitlines()} if path.exists() else set()
for name in given.names.split(","):
    for seed in given.seeds.split(","):
        if f"dspy/{name}/{seed}" in done:
            continue
        line = run(name, seed)
        with path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(name, seed, line["task"], line["reflection"], line["seconds"], flush=True)
