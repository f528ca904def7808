"""The programs of Apache Kafka and ZooKeeper: fetched by Maven once, then kept in the user's cache."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from meetinity_events.embedded.errors import EmbeddedError

POM = Path(__file__).resolve().parents[1] / "pom.xml"
LEAST_JAVA = 17
FETCH_SECONDS = 600


def find_java() -> str:
    """The program. Raises EmbeddedError: none on the PATH, or one that Kafka 4 does not start with."""
    java = shutil.which("java")
    if java is None:
        raise EmbeddedError("Java 17 or newer is needed to run Apache Kafka, and there is no java on the PATH.")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) < LEAST_JAVA:
        version = said.partition("\n")[0] or "one that does not say its version"
        raise EmbeddedError(f"Java 17 or newer is needed to run Apache Kafka; {java} is {version}.")
    return java


def find_jars(profile: str) -> Path:
    """The folder that holds everything of a profile of the pom. Raises EmbeddedError when it cannot be fetched.

    A folder belongs to one text of the pom and appears whole or not at all, so that fetchers may overlap.
    """
    folder = cache_folder() / hashlib.sha256(POM.read_bytes()).hexdigest()[:12] / profile
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
            fetch(profile, Path(draft) / profile)
            if not folder.is_dir():
                (Path(draft) / profile).rename(folder)
    return folder


def cache_folder() -> Path:
    """Outside of every clone."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "meetinity-event-service" / "brokers"


def fetch(profile: str, folder: Path) -> None:
    """Copy the jars of a profile into a new folder, by Maven and from wherever it is set up to look."""
    maven = shutil.which("mvn")
    if maven is None:
        raise EmbeddedError("Maven is needed to fetch Apache Kafka, and there is no mvn on the PATH.")
    print(f"Fetching {profile} ...", flush=True)
    options = ("-q", "-B", "-f", str(POM), "-P", profile, f"-DoutputDirectory={folder}", "-DincludeScope=runtime")
    command = [maven, *options, "dependency:copy-dependencies"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=FETCH_SECONDS
    )
    if done.returncode or not folder.is_dir():
        raise EmbeddedError(f"Maven could not fetch {profile}:\n{done.stdout}")


def version_of(folder: Path, library: str) -> str:
    """The version that the name of a jar ends with."""
    (jar,) = folder.glob(f"{library}-[0-9]*.jar")
    return jar.stem.removeprefix(f"{library}-")
