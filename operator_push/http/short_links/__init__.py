"""Short links on the web: people who follow one are led on, and what they do there is counted."""
