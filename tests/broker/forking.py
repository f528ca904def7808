"""A process of its own that makes a producer, forks, and sends with the one that the child gets: exit code 0 when it is
another one and its message arrived."""

import os
import sys

import django

django.setup()

from integrations.kafka.producer import get_producer  # noqa: E402

parents = get_producer()
parents.list_topics(timeout=20)
child = os.fork()
if child == 0:
    childs = get_producer()
    childs.produce(sys.argv[1], value=b"from the child", headers={"ce_id": b"1"})
    os._exit(int(childs is parents or childs.flush(20) > 0))
_, status = os.waitpid(child, 0)
parents.produce(sys.argv[1], value=b"from the parent", headers={"ce_id": b"2"})
sys.exit(os.waitstatus_to_exitcode(status) or parents.flush(20))
