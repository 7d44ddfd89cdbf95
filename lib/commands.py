"""The commands that belong to no room alone: `overlap`, `draw-statements`, `validate`, `run`, `page`.

Word overlap is analysis and its embeddings are the local model's, which analysis knows nothing of: the two meet here.
"""

import argparse
from pathlib import Path


def add(name: str, parser: argparse.ArgumentParser) -> None:
    """Adds a command's options to its parser."""
    adds = {"overlap": _add_overlap, "draw-statements": _add_draw_statements, "run": _add_run, "page": _add_page}
    (adds | {"validate": _add_validate})[name](parser)


def _add_overlap(parser: argparse.ArgumentParser) -> None:
    from lib.analysis import overlap
    from lib.materials import statements

    names = [*(instrument.id for instrument in overlap.studied()), statements.INSTRUMENT]
    parser.add_argument("--instruments", nargs="+", choices=names, default=names, metavar="NAME", help="(all)")
    parser.set_defaults(run=_overlap)


def _add_draw_statements(parser: argparse.ArgumentParser) -> None:
    from lib.materials import statements

    drawn = "how many of each behaviour, half of them keyed the other way (%(default)s)"
    parser.add_argument("--statements", type=int, default=statements.STATEMENTS, help=drawn)
    parser.add_argument("--seed", type=int, default=statements.SEED, help="of the draw (%(default)s)")
    parser.set_defaults(run=_draw_statements)


def _add_validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--studies", type=int, default=300, help="simulated studies for each row (%(default)s)")
    parser.set_defaults(run=_validate)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("notebook", help="its number, such as 02, or its name")
    parser.add_argument("parameters", nargs=argparse.REMAINDER, metavar="--NAME VALUE", help="instead of the published")
    parser.set_defaults(run=_run)


def _add_page(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("notebook", type=Path, help="an executed notebook")
    parser.add_argument("page", type=Path, help="the HTML file to write")
    parser.set_defaults(run=_page)


def _overlap(options: argparse.Namespace) -> int:
    from lib.analysis import overlap
    from lib.analysis.behavior.statements import write_overlap
    from lib.asking.local.embedding import Embedder
    from lib.asking.settings import DEFAULT_MODEL
    from lib.materials import instruments, statements

    embed = Embedder(DEFAULT_MODEL)
    try:
        for name in options.instruments:
            if name == statements.INSTRUMENT:
                print(write_overlap(), flush=True)
            else:
                print(overlap.write(instruments.load(name), embed), flush=True)
    finally:
        embed.close()
    return 0


def _draw_statements(options: argparse.Namespace) -> int:
    from lib.materials import statements

    items = statements.draw_items(options.statements, options.seed)
    path = statements.write_items(items)
    print(f"{len(items):,} statements of {items['scale'].nunique()} behaviours in {path}; ask asks them.")
    print("Then record their word overlap: python -m lib overlap --instruments behavior_tests")
    return 0


def _validate(options: argparse.Namespace) -> int:
    from lib.analysis.study import Study
    from lib.validation import coverage

    print(f"Written to {coverage.record(Study(), options.studies)}; make all shows it.")
    return 0


def _run(options: argparse.Namespace) -> int:
    from lib import running

    print(running.run(options.notebook, running.pairs(options.parameters)))
    return 0


def _page(options: argparse.Namespace) -> int:
    from lib.presentation import page

    options.page.write_text(page.render(options.notebook), encoding="utf-8")
    print(f"Written to {options.page}.")
    return 0
