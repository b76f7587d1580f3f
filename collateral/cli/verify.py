"""`threatmodel verify`: a bundle against a key, its own sums and its manifest."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import Exit, NotVerified, UsageError
from threatmodel.core.text import fold

HELP = "find every changed, missing or extra file of a bundle, and who signed it"
EXAMPLES = (
    "threatmodel verify build/collateral/shop-1.0",
    "threatmodel verify build/collateral/shop-1.0 --key keys/signing.pub --require release=1.0",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("bundle", help="the folder of the bundle, or its .tar.gz")
    parser.add_argument("--key", metavar="PUB", help="the public key (PEM) that must have signed it")
    parser.add_argument(
        "--require",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="what the bundle must be about: builder, commit, configuration, edition, project or release; "
        "repeatable",
    )


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. Files in a format of another version are named; what they hold is verified all the same.

    Raises:
        UsageError: there is no such bundle or key.
        NotVerified: holds every difference.
    """
    from collateral.bundle.keys import read_public
    from collateral.bundle.manifest import SUMS
    from collateral.bundle.place import ARCHIVE
    from collateral.bundle.provenance import NO_BUILDER
    from collateral.bundle.verify import verify_bundle

    bundle = Path(os.path.normpath(around.cwd / args.bundle))
    if not bundle.is_dir() and not (bundle.is_file() and bundle.name.endswith(ARCHIVE)):
        raise UsageError(
            Diagnostic(
                code="U006",
                message=f"no bundle {args.bundle}",
                hint=f"name the bundle's folder or its {ARCHIVE}",
            )
        )
    key = read_public(around.cwd / args.key, args.key) if args.key is not None else None
    done = verify_bundle(bundle, key, _required(args.require, signed=key is not None))
    if done.problems:
        raise NotVerified(*done.problems)
    print(f"{args.bundle}: {done.files} files, all as listed in {SUMS}", file=around.stdout)
    if key is None:
        print(
            "no signature was checked: this says that the bundle is whole, not who made it",
            file=around.stderr,
        )
    else:
        print(f"signed by sha256:{key.fingerprint}", file=around.stdout)
        print(f"about {done.about}", file=around.stdout)
        named = done.builder != NO_BUILDER
        who = f"{fold(done.builder)}, says whoever signed it" if named else "not named"
        print(f"builder {who}", file=around.stdout)
    for path in done.unjudged:
        print(f"format not judged: {fold(path)} has a schema of another version", file=around.stderr)
    return Exit.CLEAN


def _required(texts: Sequence[str], *, signed: bool) -> dict[str, str]:
    from collateral.bundle.verify import REQUIRABLE

    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or name not in REQUIRABLE or name in found:
            hint = nearest(name, REQUIRABLE) or f"names are {', '.join(REQUIRABLE)}, each once"
            raise UsageError(Diagnostic(code="U022", message=f"--require {text!r}", hint=hint))
        found[name] = value
    if "builder" in found and not signed:
        message = "--require builder needs --key: who built stands in the signed statement"
        raise UsageError(Diagnostic(code="U022", message=message))
    return found
