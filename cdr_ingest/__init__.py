"""cdr-ingest: CDR and subscriber files become permitted features."""
