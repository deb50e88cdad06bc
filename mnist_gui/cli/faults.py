"""The list of faults on the terminal: what each does, and its wrong lines beside the right ones."""

from itertools import zip_longest

from mnist_gui.config.run_config import ConfigError
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.registry import FAULTS
from mnist_gui.system import exit_status
from mnist_gui.system.terminal import write_lines, write_record


def run_faults(name: str | None, *, as_records: bool) -> int:
    """Describe all faults, or one by its name; ConfigError, with all names, if there is none. Returns the exit
    status."""
    if name is not None and name not in FAULTS:
        raise ConfigError("faults", name, "one of " + ", ".join(FAULTS))
    for fault in FAULTS.values() if name is None else (FAULTS[name],):
        if as_records:
            write_record(_facts(fault))
        else:
            write_lines("\n".join(_describe(fault)))
    return exit_status.FINISHED


def _facts(fault: Fault) -> dict[str, str | None]:
    return {
        "record": "fault",
        "name": fault.name,
        "title": fault.title,
        "text": fault.text,
        "needs": fault.need.text if fault.need else None,
        "rule": fault.rule,
        "wrong": fault.wrong,
        "right": fault.right,
    }


def _describe(fault: Fault) -> list[str]:
    wrong, right = fault.wrong.split("\n"), fault.right.split("\n")
    width = max(map(len, wrong))
    lines = [f"{fault.name}   ({fault.title})", f"    {fault.text}"]
    lines += [f"    It needs {fault.need.text}."] if fault.need else []
    lines.append(f"        {'wrong':{width}}   right")
    lines += [f"        {one:{width}}   {other}".rstrip() for one, other in zip_longest(wrong, right, fillvalue="")]
    return lines
