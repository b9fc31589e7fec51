"""The migrated store and store.schema are the same on both databases, and migrating is safe to repeat."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from folding import fill, fold, what_readers_see
from sqlalchemy import Connection, column, insert, inspect, select, table

from operator_push.kernel.errors import OperatorError
from operator_push.store import migrate, schema
from operator_push.store.database import Database

POSTGRESQL_FORM = """
SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
       || coalesce(character_maximum_length::text, '') || ' ' || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL
SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


@pytest.fixture
def migrated(empty_url: str) -> Iterator[Database]:
    """A store that went through every revision."""
    migrate.upgrade(empty_url, migrate.newest())
    database = Database.open(empty_url)
    yield database
    database.close()


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata))


def form(connection: Connection) -> list[str]:
    """Everything that the database itself says about our tables, as text, in an order."""
    if connection.dialect.name == "postgresql":
        return sorted(connection.exec_driver_sql(POSTGRESQL_FORM).scalars())
    statement = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
    texts = connection.exec_driver_sql(statement).scalars()
    return sorted(" ".join(text.replace("\t", " ").split()) for text in texts)


def test_migrated_store_is_the_schema(migrated: Database) -> None:
    assert migrated.run(differences) == []


def test_a_difference_would_be_seen_in_either_direction(migrated: Database) -> None:
    def drift(connection: Connection) -> list[object]:
        connection.exec_driver_sql("ALTER TABLE brand ADD COLUMN slogan TEXT")
        connection.exec_driver_sql("DROP TABLE sink_cursor")
        return differences(connection)

    assert {difference[0] for difference in migrated.run(drift)} == {"remove_column", "add_table"}  # type: ignore[index]


def test_migrated_store_has_the_very_form_that_the_schema_would_create(migrated: Database) -> None:
    """Stricter than Alembic's comparison: WITHOUT ROWID, the order of key columns, names of constraints."""

    def recreate(connection: Connection) -> list[str]:
        schema.metadata.drop_all(connection)
        schema.metadata.create_all(connection)
        return form(connection)

    by_migration = migrated.run(form)
    assert len(by_migration) >= len(schema.metadata.tables)
    assert by_migration == migrated.run(recreate)


def test_accounts_keep_everything_when_they_get_terms(empty_url: str) -> None:
    migrate.upgrade(empty_url, "0002")
    database = Database.open(empty_url)
    kept = (3, "shop", "esme", 7, "scrypt$x", True, 2, 1, '["SHOP"]', False, 50, 4, "INR", 1_800_000_000)
    names = [column.name for column in schema.account.columns if column.name != "terms"]
    old = table("account", *(column(name) for name in names))
    database.run(
        lambda connection: connection.execute(insert(old).values(dict(zip(names, kept, strict=True))))
    )
    database.close()
    migrate.upgrade(empty_url)
    database = Database.open(empty_url)
    found = database.read(lambda connection: connection.execute(select(schema.account)).one())
    assert tuple(found) == (*kept, "{}")
    database.run(lambda connection: command.downgrade(migrate.alembic_config(connection), "0002"))
    assert tuple(database.read(lambda connection: connection.execute(select(old)).one())) == kept
    database.close()


def test_what_is_folded_gets_rows_of_its_own_again_by_a_downgrade(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    database = Database.open(empty_url)
    database.run(fill)
    before = database.read(what_readers_see)
    database.run(fold)
    database.run(lambda connection: command.downgrade(migrate.alembic_config(connection), "0014"))
    database.close()
    migrate.upgrade(empty_url)
    database = Database.open(empty_url)
    assert database.read(what_readers_see) == before
    names = "attempt", "segment_outcome", "esme_delivery"
    counts = [
        database.read(
            lambda connection, name=name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar()
        )
        for name in names
    ]
    assert counts == [9, 4, 3]
    database.close()


def test_upgrade_is_harmless_to_repeat(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    assert migrate.upgrade(empty_url) == migrate.newest()
    assert migrate.upgrade(empty_url) == migrate.newest()
    assert migrate.current(empty_url) == migrate.newest()
    migrate.check(empty_url)


def test_check_says_what_to_do_with_an_empty_database(empty_url: str) -> None:
    with pytest.raises(OperatorError, match=r"no tables yet.*operator-push serve"):
        migrate.check(empty_url)


def test_a_store_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    database = Database.open(empty_url)
    database.run(
        lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    )
    database.close()
    for function in (migrate.check, migrate.upgrade):
        with pytest.raises(OperatorError, match=r"9999.*newer version"):
            function(empty_url)


def test_downgrade_leaves_no_table(migrated: Database) -> None:
    def downgrade(connection: Connection) -> list[str]:
        command.downgrade(migrate.alembic_config(connection), "base")
        return inspect(connection).get_table_names()

    assert migrated.run(downgrade) == ["alembic_version"]


def test_a_failed_upgrade_leaves_nothing(empty_url: str) -> None:
    """One transaction on both: a table of the same name in the way stops the upgrade before it began."""
    database = Database.open(empty_url)
    database.run(lambda connection: connection.exec_driver_sql("CREATE TABLE vault_audit (x INTEGER)"))
    with pytest.raises(Exception, match="vault_audit"):
        migrate.upgrade(empty_url)
    assert database.run(lambda connection: inspect(connection).get_table_names()) == ["vault_audit"]
    database.close()


def test_revisions_are_known_by_the_names_of_their_files() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert migrate.known() == {script.revision for script in scripts.walk_revisions()}
    assert migrate.newest() == scripts.get_current_head()


def test_a_server_starts_without_alembic_the_orm_and_pyarrow(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    newest = migrate.upgrade(url)
    program = (
        "import sys; from operator_push.store import migrate; import operator_push.bootstrap.assembly; "
        f"migrate.check({url!r}); assert migrate.upgrade({url!r}) == {newest!r}; "
        "sys.exit(str([name for name in ('alembic', 'sqlalchemy.orm', 'pyarrow') if name in sys.modules]))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert told.stderr.strip() == "[]"


def test_a_store_without_a_table_gets_what_all_revisions_come_to(empty_url: str) -> None:
    assert migrate.upgrade(empty_url) == migrate.newest()
    database = Database.open(empty_url)
    created = database.run(form)
    assert database.run(differences) == []
    database.run(lambda connection: command.downgrade(migrate.alembic_config(connection), "base"))
    database.close()
    migrate.upgrade(empty_url, migrate.newest())
    database = Database.open(empty_url)
    assert database.run(form) == created
    database.close()
