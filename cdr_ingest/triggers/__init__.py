"""Triggers: what happens to people, told as it happens, from records that come as a stream.

Laws: records pass the same door as those of a run, so that of people who do not permit their use nothing is
kept, told or remembered; state is by subscriber number alone; the position in a source, what is known of
people and what was told move in one transaction, so that a restart neither repeats nor passes over anything.
Whether anybody sends a message because of it is for the product to judge.
"""
