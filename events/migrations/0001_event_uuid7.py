"""Our own UUIDv7 in SQL, also where PostgreSQL has one, so that a dump of 18 loads on 15."""

from django.db import migrations

CREATE = """
CREATE FUNCTION event_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_byte(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            6,
            (get_byte(uuid_send(gen_random_uuid()), 6) & 15) | 112
        ),
        'hex')::uuid
$$
"""


class Migration(migrations.Migration):
    """RFC 9562: 48 bits of milliseconds, version 7 in the high half of byte 6, variant and randomness from a UUIDv4."""

    initial = True
    dependencies = ()
    operations = (migrations.RunSQL(CREATE, "DROP FUNCTION event_uuid7()"),)
