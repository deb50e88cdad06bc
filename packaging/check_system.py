"""Check what Qt needs from the system: `check_system.py GROUP...`, groups as in system-dependencies.txt.

What is missing is installed if we are root, and otherwise named in the one line that installs it (exit 1).
Where there is no apt it is only named. Runs on the bare interpreter, before there is a virtual environment.
"""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("system-dependencies.txt")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
APT = ("apt-get", "install", "-y", "--no-install-recommends")


@dataclass(frozen=True, slots=True)
class Dependency:
    group: str
    kind: str
    name: str
    packages: tuple[str, ...]  # one package under the names of different releases

    def is_there(self) -> bool:
        match self.kind:
            case "library":
                return _loads(self.name)
            case "program":
                return shutil.which(self.name) is not None
            case "module":
                return importlib.util.find_spec(self.name) is not None
            case "font":
                return any(_has_fonts(Path(folder).expanduser()) for folder in FONT_FOLDERS)
        raise ValueError(f"{LIST.name}: unknown kind {self.kind!r}")


def main(groups: Sequence[str]) -> int:
    wanted = [dependency for dependency in load_list() if dependency.group in groups]
    missing = _missing(wanted)
    if not missing:
        return 0
    _say("Missing: " + _names(missing))
    if shutil.which("apt-get") is None:
        _say("Install these with your system's package manager; going on without them.")
        return 0
    if os.geteuid() != 0:
        _say("Install what is missing with this line, then run make again:\n")
        _say(f"    sudo apt-get update && sudo {' '.join(APT)} {' '.join(_package_names(missing))}\n")
        return 1
    _install(missing)
    missing = _missing(missing)
    if missing:
        _say("Still missing: " + _names(missing))
    return 1 if missing else 0


def load_list() -> list[Dependency]:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    dependencies = []
    for line in LIST.read_text(encoding="utf-8").splitlines():
        fields = line.partition("#")[0].format(version=version).split()
        if fields:
            group, needed, *packages = fields
            kind, _, name = needed.partition(":")
            dependencies.append(Dependency(group, kind, name, tuple(packages)))
    return dependencies


def _names(dependencies: Sequence[Dependency]) -> str:
    return ", ".join(f"{dependency.kind} {dependency.name}" for dependency in dependencies)


def _missing(dependencies: Sequence[Dependency]) -> list[Dependency]:
    return [dependency for dependency in dependencies if not dependency.is_there()]


def _install(missing: Sequence[Dependency]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], env=environment, check=False)  # a stale mirror may still do
    subprocess.run([*APT, *_package_names(missing)], env=environment, check=False)  # judged by what is there then


def _package_names(dependencies: Sequence[Dependency]) -> list[str]:
    known = _packages_known_to_apt()
    return [
        next((name for name in dependency.packages if name in known), dependency.packages[-1])
        for dependency in dependencies
    ]


def _packages_known_to_apt() -> frozenset[str]:
    """Names that apt could install; none on a machine that has never fetched its lists."""
    answer = subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True, check=False)
    return frozenset(answer.stdout.split())


def _loads(library: str) -> bool:
    """Ask the loader itself, which knows the machine's architecture and search path."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_fonts(folder: Path) -> bool:
    return any(name.endswith((".ttf", ".otf", ".ttc")) for _, _, names in os.walk(folder) for name in names)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
