"""Loading: from a TOML file and the environment to `Settings`, or to one error that tells all that is wrong.

A setting outside a [[table]] may be overridden by a variable: OPERATOR_PUSH_LOG_LEVEL,
OPERATOR_PUSH_SMPP_SERVER__PORT. A secret comes from its variable (OPERATOR_PUSH_SMSC_<NAME>_PASSWORD,
OPERATOR_PUSH_DELIVERY_EVENTS_<NAME>_SECRET), else from its file, else from the configuration itself.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import SettingsError

from operator_push.config.cross_checks import cross_check
from operator_push.config.problems import Problem, operator_error, problems_of
from operator_push.config.settings import ENVIRONMENT_PREFIX, Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.toml_lines import KeyPath

TEMPLATE_FILE = Path(__file__).with_name("template.toml")

_Model = TypeVar("_Model", bound=BaseModel)

_SECRETS = {"smsc": "password", "delivery_events": "secret"}


def load_settings(file: Path) -> Settings:
    """The settings of a file, checked as a whole, with absolute paths and with every secret in place.

    Raises:
        OperatorError: the file cannot be read, is not TOML, or holds something that is not allowed; the
            message names file, line, key, value and what is allowed, one line per problem.
    """
    text = _read(file)
    data = _parse(file, text)
    try:
        settings = Settings(**data)
    except ValidationError as error:
        raise operator_error(problems_of(error, Settings, _origins()), file, text, data) from error
    except SettingsError as error:
        raise OperatorError(
            f"a variable {ENVIRONMENT_PREFIX}… of the environment is malformed: {error}"
        ) from error
    settings = _with_absolute_paths(settings, file.resolve().parent)
    settings, problems = _with_secrets(settings)
    problems += cross_check(settings)
    if problems:
        raise operator_error(problems, file, text, data)
    return settings


def data_dir_of(file: Path) -> Path:
    """The data directory that a file names, without reading its secrets or judging the rest.

    Raises:
        OperatorError: the file cannot be read or is not TOML.
    """
    written = _parse(file, _read(file)).get("data_dir", Settings.model_fields["data_dir"].default)
    return (
        file.resolve().parent / Path(os.environ.get(f"{ENVIRONMENT_PREFIX}DATA_DIR") or written).expanduser()
    )


def secret_variable(table: str, name: str) -> str:
    """The environment variable of a secret: ("smsc", "main") → OPERATOR_PUSH_SMSC_MAIN_PASSWORD."""
    plain = re.sub(r"[^A-Za-z0-9]", "_", name)
    return f"{ENVIRONMENT_PREFIX}{table}_{plain}_{_SECRETS[table]}".upper()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise OperatorError(
            f"there is no such file; `operator-push init {file}` writes one", file=str(file)
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"is not TOML: {error}", file=str(file)) from error


def _origins() -> dict[KeyPath, str]:
    """Which settings the environment gave, so that an error blames the variable and not the file."""
    found: dict[KeyPath, str] = {}
    for variable in os.environ:
        if variable.upper().startswith(ENVIRONMENT_PREFIX):
            path = variable[len(ENVIRONMENT_PREFIX) :].lower().split("__")
            if path[0] in Settings.model_fields:
                found[tuple(path)] = variable
    return found


def _with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    def absolute(path: Path | None) -> Path | None:
        return None if path is None else folder / path.expanduser()

    def files(model: _Model) -> _Model:
        names = [name for name in type(model).model_fields if name.endswith(("_file", "_folder"))]
        return _changed(model, **{name: absolute(getattr(model, name)) for name in names})

    profiles, server = settings.profiles, settings.smpp_server
    tls = _changed(files(server.tls), names=tuple(files(each) for each in server.tls.names))
    return _changed(
        settings,
        data_dir=absolute(settings.data_dir),
        smpp_server=_changed(server, tls=tls),
        profiles=files(profiles),
        audience=files(settings.audience),
        number_portability=files(settings.number_portability),
        retention=_changed(settings.retention, archive_dir=absolute(settings.retention.archive_dir)),
        ledger=files(settings.ledger),
        reconciliation=files(settings.reconciliation),
        payouts=files(settings.payouts),
        invoices=files(settings.invoices),
        smsc=tuple(files(link) for link in settings.smsc),
        delivery_events=tuple(files(sink) for sink in settings.delivery_events),
    )


def _with_secrets(settings: Settings) -> tuple[Settings, list[Problem]]:
    problems: list[Problem] = []
    tables: dict[str, Any] = {}
    for table, secret in _SECRETS.items():
        rows = []
        for index, row in enumerate(getattr(settings, table)):
            value = _secret(table, secret, index, row, problems)
            rows.append(_changed(row, **{secret: SecretStr(value)}) if value else row)
        tables[table] = tuple(rows)
    return _changed(settings, **tables), problems


def _secret(table: str, secret: str, index: int, row: Any, problems: list[Problem]) -> str:
    """The secret of one row from where it is kept; notes a problem where there is none or there are two."""
    variable = secret_variable(table, row.name)
    written: SecretStr | None = getattr(row, secret)
    file: Path | None = getattr(row, f"{secret}_file")
    file_path: KeyPath = (table, index, f"{secret}_file")
    if written is not None and file is not None:
        problems.append(Problem(file_path, f"leave out {secret} or {secret}_file; both are given"))
        return ""
    if os.environ.get(variable):
        return os.environ[variable]
    if file is not None:
        try:
            value = file.read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file_path, f"{str(file)!r} cannot be read: {error}"))
            return ""
        if not value:
            problems.append(Problem(file_path, f"the first line of {str(file)!r} is empty"))
        return value
    if written is None or not written.get_secret_value():
        problems.append(
            Problem((table, index, secret), f"is required: give it here, in {secret}_file, or in {variable}")
        )
        return ""
    return written.get_secret_value()


def _changed(model: _Model, **fields: Any) -> _Model:
    return model.model_copy(update=fields)
