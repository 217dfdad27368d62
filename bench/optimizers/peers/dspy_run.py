"""DSPy's optimizers on the landscape, for `npm run bench:optimizers`.

Set up once, anywhere outside the repository:  python3 -m venv VENV && VENV/bin/pip install "dspy[optuna]==3.4.1" gepa
Run:  VENV/bin/python bench/optimizers/peers/dspy_run.py --out bench/results/optimizers.jsonl [--seeds 1,2] [--names GEPA,MIPROv2]
Calls are counted by the server, and the truth of a winner is worked out by it from what the winner sends.
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
parser.add_argument("--tasks", default="one step;two steps")
parser.add_argument("--out", required=True)
given = parser.parse_args()
os.environ.setdefault("DSPY_CACHEDIR", f"/tmp/dspy-cache-{os.getpid()}")

import dspy  # noqa: E402


def metric(example, prediction, trace=None):
    return float(str(prediction.action).strip() == example.action)


class TwoSteps(dspy.Module):
    def __init__(self):
        super().__init__()
        find = dspy.Signature(
            {"note": (str, dspy.InputField()), "code": (str, dspy.OutputField(desc="amber, basil, cobalt, dune, ember or fern"))},
            "Find the code of the note.",
        )
        decide = dspy.Signature(
            {"note": (str, dspy.InputField()), "code": (str, dspy.InputField()), "action": (str, dspy.OutputField(desc="ship, hold, return or scrap"))},
            "Say what to do with the parcel.",
        )
        self.find = dspy.Predict(find)
        self.decide = dspy.Predict(decide)

    def forward(self, note):
        return self.decide(note=note, code=self.find(note=note).code)


def one_step():
    signature = dspy.Signature(
        {"note": (str, dspy.InputField()), "action": (str, dspy.OutputField(desc="ship, hold, return or scrap"))},
        "Say what to do with the parcel.",
    )
    return dspy.Predict(signature)


def feedback_of(codes):
    """Feedback for the step that is asked about, as Hone's scorer gives it too."""

    def with_feedback(example, prediction, trace=None, pred_name=None, pred_trace=None):
        right = metric(example, prediction)
        said = "Right." if right else f"Wrong: expected action {example.action}, got action {prediction.action}."
        if pred_name == "find" and pred_trace:
            found = pred_trace[0][2].code
            code = codes[example.note]
            said = "Right." if found == code else f"Wrong: expected code {code}, got {found}."
        return dspy.Prediction(score=right, feedback=said)

    return with_feedback


def compile_with(name, program, train, validation, seed, reflection, with_feedback):
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


def run(task, name, seed):
    server = subprocess.Popen(
        ["node", str(here.parent / "server.mjs"), str(seed), task], stdout=subprocess.PIPE, text=True
    )
    try:
        start = json.loads(server.stdout.readline())
        base = f"http://127.0.0.1:{start['port']}/v1"
        model = lambda id, temperature: dspy.LM(f"openai/{id}", api_base=base, api_key="none", temperature=temperature, cache=False, max_tokens=4000)
        dspy.configure(lm=model("task", 0.0))
        rows = [dspy.Example(note=row["note"], action=row["action"]).with_inputs("note") for row in start["rows"]]
        codes = {row["note"]: row.get("code") for row in start["rows"]}
        student = one_step() if task == "one step" else TwoSteps()
        began = time.time()
        program = compile_with(name, student, rows[:60], rows[60:120], int(seed), model("reflection", 1.0), feedback_of(codes))
        seconds = round(time.time() - began, 1)
        counts = json.load(urllib.request.urlopen(f"{base}/counts"))
        urllib.request.urlopen(urllib.request.Request(f"{base}/observe", method="POST", data=b""))
        for row in rows[120:]:
            program(note=row.note)
        observed = json.load(urllib.request.urlopen(f"{base}/observed"))
        return {
            "kind": "simulation",
            "key": f"DSPy/{task}/{name}/{seed}",
            "tool": "DSPy",
            "taskName": task,
            "name": name,
            "seed": str(seed),
            "budget": "light",
            "task": counts["task"],
            "reflection": counts["reflection"],
            "seconds": seconds,
            "heldOut": round(observed["heldOut"], 4),
        }
    finally:
        server.kill()


path = pathlib.Path(given.out)
done = {json.loads(line)["key"] for line in path.read_text().splitlines()} if path.exists() else set()
for task in given.tasks.split(";"):
    for name in given.names.split(","):
        for seed in given.seeds.split(","):
            if f"DSPy/{task}/{name}/{seed}" in done:
                continue
            line = run(task, name, seed)
            with path.open("a") as file:
                file.write(json.dumps(line) + "\n")
            print(task, name, seed, line["heldOut"], line["task"], line["reflection"], line["seconds"], flush=True)
