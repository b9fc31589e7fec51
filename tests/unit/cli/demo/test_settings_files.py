"""What the demo writes is what its programs take."""

from pathlib import Path

from operator_push.cli.demo.settings_files import crash_scenario_toml, main_scenario_toml, product_toml
from operator_push.config import load_settings
from smsc_sim.scenario_file import parse_scenario


def test_the_product_takes_its_configuration(tmp_path: Path) -> None:
    file = tmp_path / "operator-push.toml"
    file.write_text(product_toml(0, 2775, '/a "folder"/features.json', 150))
    settings = load_settings(file)
    assert settings.data_dir == tmp_path
    assert settings.features_file == Path('/a "folder"/features.json')
    assert settings.smsc[0].window == 150
    assert {row.traffic_class for row in settings.tariff} == {"promotional", "service"}


def test_the_simulator_takes_both_scenarios() -> None:
    main = parse_scenario(main_scenario_toml(7, 40), "main")
    crash = parse_scenario(crash_scenario_toml(7), "crash")
    assert main.mo.answers[0].at_least == 40
    assert {group.state for group in main.population.handsets} == {"on", "off", "absent", "memory_full"}
    assert abs(sum(group.share for group in main.population.handsets) - 1) < 1e-9
    assert main.receipts.before_response_share > 0
    assert not crash.mo.answers, "a crash run is judged without stops"
    assert crash.seed == 7
