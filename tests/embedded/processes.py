"""Finds the processes of a data folder by their environment, which no code under test takes part in."""

from pathlib import Path

import psutil


def find_processes(data_dir: Path) -> list[psutil.Process]:
    """Every living process that a starter of this folder has started, and their children."""
    found = []
    for process in psutil.process_iter():
        try:
            is_its = process.environ().get("MEETINITY_DATA_DIR") == str(data_dir)
            if is_its and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def find_process(data_dir: Path, words: str) -> psutil.Process:
    """The oldest process of the folder whose command line contains `words`."""
    matches = [process for process in find_processes(data_dir) if words in command_line(process)]
    return min(matches, key=lambda process: process.create_time())


def command_line(process: psutil.Process) -> str:
    """Its words with spaces between them; nothing for one that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
