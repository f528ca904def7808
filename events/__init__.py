"""What takes place: the record of an event and its rules."""
