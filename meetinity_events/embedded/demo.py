"""`make demo`: the main job of the service, seen from outside over HTTP and Kafka only."""

from collections.abc import Mapping
from contextlib import closing

import urllib3
from confluent_kafka import KafkaException

from meetinity_events.embedded.demo_service import find_service
from meetinity_events.embedded.demo_steps import STEPS, Story
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.run import stop_on_signals


def demo(environ: Mapping[str, str]) -> None:
    """Play every step and print what it saw. Raises EmbeddedError, naming the step, at the first that differs."""
    stop_on_signals()
    with find_service(environ) as service:
        print(f"The service at {service.url}, the Kafka broker at {service.brokers}.", flush=True)
        with closing(Story(service)) as story:
            for number, (title, play) in enumerate(STEPS, start=1):
                print(f"\n{number}. {title}", flush=True)
                try:
                    seen = play(story)
                except KeyError as error:
                    raise EmbeddedError(f"Step {number} ({title}) differs: an answer lacks {error}.") from None
                except (EmbeddedError, urllib3.exceptions.HTTPError, KafkaException) as error:
                    raise EmbeddedError(f"Step {number} ({title}) differs: {error}") from None
                print("".join(f"   {line}\n" for line in seen), end="", flush=True)
        print("\nEvery step saw what it should.", flush=True)
