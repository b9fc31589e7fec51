"""Settings of routes and networks outside the configuration file: as the store keeps them and as commands
give them. The same fields and checks as a [[route]] or a [[network]] table."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from operator_push.config.problems import key_text, problems_of
from operator_push.config.smsc_settings import NetworkSettings, RouteSettings
from operator_push.kernel.errors import OperatorError

_Row = TypeVar("_Row", bound=BaseModel)


def row_values(row: BaseModel) -> dict[str, Any]:
    """What a row says, as JSON values without what is at its default."""
    return row.model_dump(mode="json", exclude_defaults=True)


def route_settings(values: Mapping[str, Any]) -> RouteSettings:
    """The route of such values.

    Raises:
        OperatorError: one line per problem, with the key and what is allowed.
    """
    return _checked(RouteSettings, values, "route")


def network_settings(values: Mapping[str, Any]) -> NetworkSettings:
    """The network of such values.

    Raises:
        OperatorError: one line per problem, with the key and what is allowed.
    """
    return _checked(NetworkSettings, values, "network")


def route_values_of_words(words: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a command: `links` is parted by commas there."""
    links = words.get("links")
    return {**words, "links": links.split(",")} if isinstance(links, str) else dict(words)


def routing_keys(model: type[BaseModel]) -> list[tuple[str, str]]:
    """Every key that a command may give, with what is allowed."""
    return [(key, field.description or "") for key, field in model.model_fields.items()]


def _checked(model: type[_Row], values: Mapping[str, Any], key: str) -> _Row:
    try:
        return model(**values)
    except ValidationError as error:
        problems = problems_of(error, model, {})
        sentences = [f"{key_text(problem.path, {})}: {problem.sentence}" for problem in problems]
        raise OperatorError("\n".join(sentences), key=key) from error
