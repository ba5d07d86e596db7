"""Puts files of the repository's top level into the wheel, so that no second copy of them is ever kept."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

#: Folder of the repository -> where a wheel carries it.
CARRIED = {"openapi": "datastorage/openapi", "migrations": "repository/schema"}


class BuildWithCarried(build_py):
    """The packages, then the carried folders; an editable install reads the repository's own files."""

    def run(self) -> None:
        """Build as usual and add the carried folders."""
        super().run()
        if self.editable_mode:
            return
        for source, target in CARRIED.items():
            if Path(source).is_dir():
                shutil.copytree(source, Path(self.build_lib) / target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithCarried})
