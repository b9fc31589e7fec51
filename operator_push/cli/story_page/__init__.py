"""The story of one message on one page of HTML, for whoever must answer a dispute."""
