"""Templates of the self-care pages, in Jinja2, with their style sheet."""
