"""The operator's sales rules, from the file that the configuration names."""

import tomllib

from operator_push.config import Settings
from operator_push.domain.audience.sales_rules import SalesRule, read_sales_rules
from operator_push.kernel.errors import OperatorError


def sales_rules(settings: Settings) -> tuple[SalesRule, ...]:
    """The rules in force; none where no file is configured.

    Raises:
        OperatorError: the file cannot be read or is wrong; nothing is sold by half of the rules.
    """
    path = settings.audience.sales_rules_file
    if path is None:
        return ()
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OperatorError(f"the sales rules cannot be read ({error.strerror})", file=str(path)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OperatorError(f"the sales rules are no TOML: {error}", file=str(path)) from None
    return read_sales_rules(written, str(path))
