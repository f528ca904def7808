"""Apache Kafka itself: fetched once, started on free ports, and broken in ways that the embedded broker cannot show."""
