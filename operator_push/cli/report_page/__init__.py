"""The page of a campaign's report: HTML with charts, of one file, without a script."""
