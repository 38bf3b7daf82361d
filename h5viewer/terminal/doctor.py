"""`h5v doctor`: what today's Keras would refuse in a file."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from h5viewer.names import visible
from h5viewer.nodes.prediction import Diagnosis, Finding
from h5viewer.requests import DiagnoseNetwork
from h5viewer.terminal import screen
from h5viewer.terminal.architecture import architecture_for
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool, ask


def diagnose(pool: Pool, path: str, architecture: str = "") -> Diagnosis:
    """The findings of one file; `architecture`: see `architecture_for`.

    Raises:
        H5ViewerError: it cannot be read, or declares no network.
    """
    given = architecture_for(pool, path, architecture)
    with screen.progress("Reading layers") as show:
        request = DiagnoseNetwork(document=path, architecture=given)
        diagnosis = ask(pool, request, on_progress=show)
    assert isinstance(diagnosis, Diagnosis)
    return diagnosis


def to_json(diagnosis: Diagnosis) -> dict[str, object]:
    """As `--json` prints it."""
    findings = [
        {"layer": each.layer, "message": each.message, "repair": each.repair}
        for each in diagnosis.findings
    ]
    return {"findings": findings, "loads": diagnosis.loads}


def print_diagnosis(console: Console, name: str, diagnosis: Diagnosis) -> None:
    """One sentence about the file, then the same finding of several layers once."""
    console.print(Text(visible(name), "bold"), Text(sentence(diagnosis)))
    for findings in _alike(diagnosis.findings):
        _print_finding(console, findings)


def sentence(diagnosis: Diagnosis) -> str:
    """Whether it loads, and what that takes."""
    n, findings = len(diagnosis.findings), diagnosis.findings
    if not n:
        return "loads as it is: nothing in it needs a repair."
    if diagnosis.loads:
        return f"loads after {plural(n, 'repair')}, made in memory; the file stays as it is."
    if all(each.repair for each in findings):
        needs = {each.needs for each in findings if each.needs}
        wish = {
            frozenset({"code"}): "once you allow the Python code in it to run",
            frozenset({"class"}): "once you name the Python file with what Keras does not have",
        }.get(frozenset(needs), "once you name the missing Python file and allow its code to run")
        return f"loads {wish}."
    n_hopeless = sum(not each.repair for each in findings)
    return f"does not load: {plural(n_hopeless, 'finding')} cannot be repaired."


def _alike(findings: tuple[Finding, ...]) -> list[list[Finding]]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.message, each.repair), []).append(each)
    return list(groups.values())


def _print_finding(console: Console, findings: list[Finding]) -> None:
    first = findings[0]
    names = [visible(each.layer, 60) for each in findings if each.layer]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    style = "yellow" if first.needs else "" if first.repair else "bold red"
    where = Text(f"{shown}: ", "bold") if shown else Text("")
    console.print(where + Text(visible(first.message, 1000), style))
    if first.repair:
        console.print(Text(f"    {visible(first.repair, 1000)}", "dim"))
