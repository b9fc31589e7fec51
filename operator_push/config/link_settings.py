"""Settings of one link outside the configuration file: as the store keeps them and as commands give them.

The same fields and checks as a [[smsc]] table. Secrets are never part of the values: the password of a link
comes from its variable, else from the store where a command gave it, else from the configuration.
"""

import json
import os
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import SecretStr, ValidationError

from operator_push.config.cross_checks import check_links
from operator_push.config.field_types import PASSWORD_MAX
from operator_push.config.loading import secret_variable
from operator_push.config.problems import key_text, problems_of
from operator_push.config.settings import Settings
from operator_push.config.smsc_settings import SmscSettings
from operator_push.kernel.errors import OperatorError

# Not settings that commands may give: the name stands beside them, the secrets go their own way.
APART = frozenset({"name", "password", "password_file"})


def link_values(link: SmscSettings) -> dict[str, Any]:
    """What a link is set to, as JSON values; without name, secrets and what is at its default."""
    return link.model_dump(mode="json", exclude=set(APART), exclude_defaults=True)


def all_link_values(link: SmscSettings) -> dict[str, Any]:
    """As `link_values`, with what is at its default."""
    return link.model_dump(mode="json", exclude=set(APART))


def link_settings(name: str, values: Mapping[str, Any], password: str = "") -> SmscSettings:
    """The settings of a link from such values.

    Raises:
        OperatorError: one line per problem, with the key and what is allowed.
    """
    refused = sorted(APART & set(values))
    if refused:
        raise OperatorError(
            f"{', '.join(refused)} cannot be set so; a password is given with --password-file", key=name
        )
    try:
        secret = SecretStr(password) if password else None
        link = SmscSettings(**{**values, "name": name, "password": secret})
    except ValidationError as error:
        problems = problems_of(error, SmscSettings, {})
    else:
        problems = check_links([link])
    if problems:
        sentences = [f"{key_text(problem.path, {})}: {problem.sentence}" for problem in problems]
        raise OperatorError("\n".join(sentences).replace("smsc[1].", ""), key=f"link {name}")
    return link


def values_of_text(pairs: Sequence[str]) -> dict[str, Any]:
    """The values of words such as `window=50 prefixes=91,44 segments_per_second=`.

    A list is parted by commas or written as JSON; an empty value is the default.

    Raises:
        OperatorError: a word without `=`, a key given twice, or JSON that is none.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise OperatorError(f"{pair!r} is not KEY=VALUE, such as window=50")
        if key in values:
            raise OperatorError(f"{key} is given twice")
        values[key] = _value(key, text)
    return values


def link_keys() -> list[tuple[str, str]]:
    """Every key that a command may set, with what is allowed."""
    fields = SmscSettings.model_fields.items()
    return [(key, field.description or "") for key, field in fields if key not in APART]


def link_password(settings: Settings, name: str, stored: str) -> tuple[str, str]:
    """The password of a link and where it is from: environment, store, configuration, or missing."""
    variable = os.environ.get(secret_variable("smsc", name))
    if variable:
        return variable, "environment"
    if stored:
        return stored, "store"
    for link in settings.smsc:
        if link.name == name and link.password is not None:
            return link.password.get_secret_value(), "configuration"
    return "", "missing"


def check_link_password(name: str, password: str) -> None:
    """Judge a password that a command gives for a link.

    Raises:
        OperatorError: SMPP cannot carry it, or the link's variable would go before it.
    """
    variable = secret_variable("smsc", name)
    if os.environ.get(variable):
        if password:
            raise OperatorError(
                f"the password of {name} is in the variable {variable}, which goes before any other; "
                "change it there and restart"
            )
        return
    if not password:
        raise OperatorError(
            f"link {name} needs a password: give it with --password-file, - for standard input"
        )
    if len(password) > PASSWORD_MAX or not password.isascii() or not password.isprintable():
        raise OperatorError(
            f"a password has at most {PASSWORD_MAX} printable ASCII characters, as SMPP carries"
        )


def _value(key: str, text: str) -> Any:
    if not text:
        return None
    if text[0] in "[{":
        try:
            return json.loads(text)
        except ValueError as error:
            raise OperatorError(f"{text!r} is not JSON: {error}", key=key) from error
    field = SmscSettings.model_fields.get(key)
    if field is not None and _is_list(field.annotation):
        return text.split(",")
    return text


def _is_list(annotation: Any) -> bool:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return any(map(_is_list, typing.get_args(annotation)))
    return typing.get_origin(annotation) in (tuple, list, set, frozenset)
