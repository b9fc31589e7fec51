"""Subject groups: `operator-push SUBJECT --help` lists each command with its whole first sentence."""

import click

SENTENCE_MAX = 1_000  # click cuts at 45 characters otherwise, in the middle of what the command does


class SubjectGroup(click.Group):
    """The commands of one subject, such as account or link."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and first sentences, folded to the width of the terminal."""
        rows = [
            (name, command.get_short_help_str(SENTENCE_MAX))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
