"""The whole path as a load: the demo's main run alone, its throughput and CPU as one JSON object.

    python benchmarks/end_to_end.py [--subscribers 20000] [--messages 50000] [--seed 7] [--keep DIR]

Simulator, product and ESME are programs on loopback, as in `operator-push demo`. Wall-clock on a shared
machine lies; compare `gateway_cpu_us_per_message`. Exit status 1 where a message was left open.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from operator_push.cli.demo import product_input
from operator_push.cli.demo.enterprises import NAGAR_BANK
from operator_push.cli.demo.main_run import run_main
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.plan import DemoPlan
from operator_push.cli.demo.product_rows import read_product
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.results import Throughput
from operator_push.cli.demo.selling import sell
from operator_push.cli.demo.settings_files import MAIN_WINDOW, main_scenario_toml
from operator_push.cli.demo.workspace import Workspace


def measure(folder: Path, plan: DemoPlan) -> dict[str, object]:
    """Prepare, run the main load, and read the figures from the product's rows and from /proc."""
    workspace = Workspace(folder)
    workspace.prepare()
    with Programs(workspace.logs) as programs:
        pair = Pair(programs, workspace.main, "main")
        product_input.generate(programs, workspace, plan.subscribers, plan.seed)
        features = workspace.features / "features.parquet"
        pair.start(main_scenario_toml(plan.seed, plan.stops_at_least), features, MAIN_WINDOW)
        product_input.import_people(pair.control, workspace.input)
        product_input.permission_snapshot(pair.control, workspace)
        product_input.ingest(programs, workspace)
        sales = sell(pair.control, workspace, plan)
        customers = product_input.customers_of(workspace.input, NAGAR_BANK.brand)
        _, cpu_seconds = run_main(programs, workspace, pair, plan, sales, customers, lambda words: None)
        pair.stop()
    facts = read_product(workspace.main.database)
    load = Throughput(facts.accepted, (facts.last_us - facts.first_us) / 1e6, cpu_seconds)
    return {
        "messages": load.messages,
        "segments": facts.sent_keys.total(),
        "open": facts.accepted - len(facts.ended_us),
        "seconds": round(load.seconds, 3),
        "per_second": round(load.per_second, 1),
        "gateway_cpu_us_per_message": round(load.cpu_us_per_message, 1),
    }


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the records; default: a temporary one")
    options = parser.parse_args()
    plan = DemoPlan(options.subscribers, options.messages, options.seed)
    if options.keep is not None:
        figures = measure(options.keep.absolute(), plan)
    else:
        with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as folder:
            figures = measure(Path(folder), plan)
    print(json.dumps(figures))
    return 1 if figures["open"] else 0


if __name__ == "__main__":
    sys.exit(main())
