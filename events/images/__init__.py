"""Images of events: their names, their files, and the process that decodes what was uploaded."""
