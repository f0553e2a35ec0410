"""Many documents at once: cases from files -> a site, a corpus or a table, by processes here or on a cluster."""
