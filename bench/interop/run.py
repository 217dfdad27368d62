"""Holds Hone against DSPy itself: programs saved by one run in the other with the same rendered content.

    node scripts/build.mjs && python3 bench/interop/run.py

Makes a virtual environment with DSPy 3.4.1 in bench/interop/.venv (DSPY_VENV names another) and asks no model.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WANTED = "3.4.1"


def ensure_dspy() -> None:
    """Goes on in the environment that has DSPy, made where there is none."""
    try:
        import dspy

        if dspy.__version__ == WANTED:
            return
    except ImportError:
        pass
    if os.environ.get("HONE_INTEROP_STARTED"):
        sys.exit(f"DSPy {WANTED} could not be set up.")
    venv = Path(os.environ.get("DSPY_VENV", HERE / ".venv"))
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", f"dspy=={WANTED}"], check=True)
    os.environ["HONE_INTEROP_STARTED"] = "1"
    os.execv(str(python), [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])


ensure_dspy()

from typing import Literal  # noqa: E402

import dspy  # noqa: E402

failures = 0


def check(what: str, actual, expected) -> None:
    global failures
    if actual == expected:
        print(f"ok    {what}")
        return
    failures += 1
    print(f"WRONG {what}\n  expected {expected!r}\n  actual   {actual!r}")


def hone(task: str, *arguments: str):
    ran = subprocess.run(
        ["node", str(HERE / "hone-side.mjs"), task, *arguments], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        sys.exit(f"hone {task} failed:\n{ran.stderr}")
    return json.loads(ran.stdout)


MARK = re.compile(r"^\[\[ ## (\w+) ## \]\]\n?", re.M)
ABSENT = "Not supplied for this particular example."


def dspy_turn(content: str) -> dict:
    """The values by field of one message of DSPy's chat layout."""
    parts = MARK.split(content)[1:]
    values = {name: value.strip() for name, value in zip(parts[::2], parts[1::2], strict=True)}
    values.pop("completed", None)
    return {name: value.split("\n\nRespond with the corresponding")[0] for name, value in values.items() if value != ABSENT}


def label(name: str) -> str:
    words = re.sub(r"[_-]+", " ", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)).strip().lower()
    return words[:1].upper() + words[1:]


def hone_turn(content: str, role: str, names: list) -> dict:
    """The values by field of one message of Hone's chat layout."""
    if role == "user":
        starts = "|".join(re.escape(label(name)) for name in names)
        parts = re.split(rf"^({starts}): ", content, flags=re.M)[1:]
        by_label = dict(zip(parts[::2], parts[1::2], strict=True))
        return {name: by_label[label(name)].strip() for name in names if label(name) in by_label}
    tagged = dict(re.findall(r"<(\w+)>(.*?)</\1>", content, flags=re.S))
    if tagged:
        return {name: value.strip() for name, value in tagged.items()}
    return {names[-1]: content.strip()}


def content_of_dspy(signature, demos, inputs: dict):
    messages = dspy.ChatAdapter().format(signature, demos, inputs)
    system = messages[0]["content"]
    told = "\n".join(line[8:] if line.startswith(" " * 8) else line for line in system.split("your objective is: ")[1].split("\n"))
    return {"instructions": told.strip(), "turns": [[m["role"], dspy_turn(m["content"])] for m in messages[1:]]}


def content_of_hone(messages, signature):
    names = {"user": list(signature.input_fields), "assistant": list(signature.output_fields)}
    turns = [[m["role"], hone_turn(m["content"], m["role"], names[m["role"]])] for m in messages if m["role"] != "system"]
    system = next((m["content"] for m in messages if m["role"] == "system"), "")
    return {"system": system, "turns": turns}


class Sort(dspy.Signature):
    """Sort the ticket.
    Never write {{tier}}; “quotes” stay."""

    ticketText: str = dspy.InputField()
    tier: int = dspy.InputField(desc="support tier")
    category: Literal["billing", "refunds"] = dspy.OutputField()
    confidence: float = dspy.OutputField(desc="how sure")


class Desk(dspy.Module):
    def __init__(self):
        super().__init__()
        self.gist = dspy.ChainOfThought("text -> gist")
        self.sort = dspy.Predict(Sort)


def desk() -> Desk:
    program = Desk()
    program.gist.predict.demos = [
        dspy.Example(augmented=True, text="long\nand wide", reasoning="it is long", gist="short")
    ]
    program.sort.demos = [
        dspy.Example(ticketText="a bill", tier=1, category="billing", confidence=0.5, augmented=True),
        dspy.Example(ticketText="no tier", category="refunds", confidence=0.25),
        dspy.Example(ticketText="nothing else"),
    ]
    # What an optimizer does: other instructions than those of the class.
    program.gist.predict.signature = program.gist.predict.signature.with_instructions("Say what it is about.\n\nBe short.")
    return program


folder = Path(tempfile.mkdtemp(prefix="hone-interop-"))

# 1. Two predictors with demos and chain of thought, saved by DSPy, run in Hone.
program = desk()
saved = folder / "desk.json"
program.save(str(saved))
rows = {"gist.predict": {"text": "a row"}, "sort": {"ticketText": "another", "tier": 3}}
outputs = ["gist", "category", "confidence"]
imported = hone("import", str(saved), json.dumps({"inputs": rows, "outputs": outputs}))
for path, predictor in program.named_predictors():
    theirs = content_of_dspy(predictor.signature, predictor.demos, rows[path])
    ours = content_of_hone(imported["rendered"][path], predictor.signature)
    check(f"{path}: instructions", ours["system"].startswith(theirs["instructions"]), True)
    check(f"{path}: demos and row", ours["turns"], theirs["turns"])

# A signature of several outputs that nobody thinks aloud for: the file alone cannot tell, so Hone says that it guessed.
imported = hone("import", str(saved), json.dumps({"inputs": {}}))
check("sort: the guess is said", any("sort: DSPy does not save which fields are outputs" in note for note in imported["notes"]), True)

# 2. The same with one output at the end: nothing is guessed wrongly, and the incomplete demo comes first.
one = dspy.Predict(Sort.delete("confidence"))
one.demos = [dspy.Example({k: v for k, v in demo.items() if k != "confidence"}) for demo in program.sort.demos]
saved = folder / "one.json"
one.save(str(saved))
rows = {"self": {"ticketText": "another", "tier": 3}}
imported = hone("import", str(saved), json.dumps({"inputs": rows}))
theirs = content_of_dspy(one.signature, one.demos, rows["self"])
ours = content_of_hone(imported["rendered"]["self"], one.signature)
check("a bare predictor: instructions", ours["system"].startswith(theirs["instructions"]), True)
check("a bare predictor: demos and row", ours["turns"], theirs["turns"])

# 3. A program written by Hone loads in DSPy.
written = folder / "hone.json"
exported = hone("export", str(written))


class FromHone(dspy.Module):
    def __init__(self):
        super().__init__()
        self.gist = dspy.ChainOfThought("text -> gist")
        self.sort = dspy.Predict("gist, tier: int -> category: Literal['billing', 'refunds'], sure: float")


loaded = FromHone()
loaded.load(str(written))
seed = exported["seed"]
for path, predictor in loaded.named_predictors():
    step = path.removesuffix(".predict")
    told = seed[f"{step}.instructions"]["text"].replace("\\{{", "{{")
    check(f"{step}: DSPy has the instructions", predictor.signature.instructions, told)
    demos = [{**d["inputs"], **d["outputs"]} for d in seed[f"{step}.demos"]["sets"][0]["demos"]]
    check(f"{step}: DSPy has the demos", [dict(demo) for demo in predictor.demos], demos)
    row = {"text": "x"} if step == "gist" else {"gist": "x", "tier": 1}
    shown = content_of_dspy(predictor.signature, predictor.demos, row)
    turns = [t for d in seed[f"{step}.demos"]["sets"][0]["demos"] for t in (["user", d["inputs"]], ["assistant", d["outputs"]])]
    text = [[role, {name: str(value) for name, value in values.items()}] for role, values in turns]
    check(f"{step}: DSPy shows them", shown["turns"][:-1], text)
check("the description of a field arrives", loaded.sort.signature.input_fields["tier"].json_schema_extra["desc"], "support tier")

# 4. DSPy saves what it loaded, and Hone has its candidate again.
again = folder / "again.json"
loaded.save(str(again))
back = hone("back", str(again))
check("there and back: the candidate", back["candidate"], back["seed"])

# 5. The candidates of a GEPA run, as gepa writes them into its folder.
state = [{"gist.predict": "Gist it.", "sort": "Sort it."}, {"gist.predict": "Gist {{it}}.", "sort": "Sort it."}]
(folder / "candidates.json").write_text(json.dumps(state, indent=2))
check("GEPA: candidates", hone("gepa", str(folder / "candidates.json"))["texts"], [["Gist it.", "Sort it."], ["Gist \\{{it}}.", "Sort it."]])

print(f"DSPy {dspy.__version__}: {'all as it should be' if failures == 0 else f'{failures} wrong'}")
sys.exit(1 if failures else 0)
