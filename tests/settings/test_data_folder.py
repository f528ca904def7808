"""What the data folder adds to the environment in development: secrets, made once, and the embedded servers."""

import json
import stat
from pathlib import Path

from tests.settings.processes import read_settings, start_process


def test_processes_that_start_together_agree_on_the_secrets_for_good(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    names = ("SECRET_KEY", "JWT_SECRET")

    processes = [start_process(data_dir, names, {}) for _ in range(3)]
    answers = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    answers.append(read_settings(data_dir, *names))

    assert [len(answers[0][name]) for name in names] == [43, 43]
    assert answers[0]["SECRET_KEY"] != answers[0]["JWT_SECRET"]
    assert answers == [answers[0]] * 4
    file = data_dir / "secrets.env"
    written = [line.split("=")[0] for line in file.read_text().splitlines()]
    assert len(written) == len(set(written))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_environment_wins_over_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("DJANGO_SECRET_KEY=from-the-folder\nJWT_SECRET=from-the-folder\n")
    (tmp_path / "servers.env").write_text(
        "REDIS_URL='redis://127.0.0.1:1/0'\nCELERY_BROKER_URL='redis://127.0.0.1:2/0'\n"
    )

    settings = read_settings(
        tmp_path,
        *("SECRET_KEY", "JWT_SECRET", "REDIS_URL", "CELERY_BROKER_URL"),
        JWT_SECRET="from-the-environment",
        REDIS_URL="redis://127.0.0.1:3/0",
    )

    assert settings == {
        "SECRET_KEY": "from-the-folder",
        "JWT_SECRET": "from-the-environment",
        "REDIS_URL": "redis://127.0.0.1:3/0",
        "CELERY_BROKER_URL": "redis://127.0.0.1:2/0",
    }
