"""What a build adds: the catalogues of all languages, compiled by Babel, and to a wheel the templates."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):
    """Compiles every ``.po`` of the templates; an editable install then reads the ``.mo`` in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        ours = run_path(str(root / "symdiff" / "catalogues.py"))  # by itself: a build has none of what symdiff imports
        for source in sorted((root / "templates" / "locale").rglob("*.po")):
            ours["compile_catalogue"](source)
            if not ours["is_compiled"](source):
                raise OSError(f"{source.with_suffix('.mo')} cannot be written")
        if version != "editable":
            files = sorted(path for path in (root / "templates").rglob("*") if path.is_file())
            for file in files:
                if file.suffix not in {".po", ".part"} and "__pycache__" not in file.parts:
                    build_data["force_include"][str(file)] = f"symdiff/{file.relative_to(root).as_posix()}"
