"""`threatmodel sign`: sign a bundle that was built elsewhere, where the key is and the build is not."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from collateral.cli.signing import add_builder, add_passphrase, passphrase
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, UsageError

HELP = "sign a bundle that was built without a key, after verifying it"
EXAMPLES = ("threatmodel sign build/collateral/shop-1.0 --key keys/signing.key",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "bundle", help="the folder of the bundle; its .tar.gz is signed with it where it is beside"
    )
    parser.add_argument("--key", required=True, metavar="KEYFILE", help="the private Ed25519 key (PEM)")
    add_builder(parser)
    add_passphrase(parser)


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command.

    Raises:
        UsageError: there is no such bundle, or the key cannot be used.
        NotVerified: the bundle is not whole; nothing is signed.
    """
    from collateral.bundle.beside import sign_bundle
    from collateral.bundle.keys import read_private
    from collateral.bundle.provenance import NO_BUILDER, checked_builder

    bundle = Path(os.path.normpath(around.cwd / args.bundle))
    if not bundle.is_dir():
        raise UsageError(
            Diagnostic(code="U006", message=f"no bundle {args.bundle}", hint="name the bundle's folder")
        )
    builder = NO_BUILDER if args.builder is None else checked_builder(args.builder)
    key = read_private(around.cwd / args.key, args.key, passphrase(args, around))
    sign_bundle(bundle, key, builder)
    print(f"{args.bundle}: signed by sha256:{key.public.fingerprint}", file=around.stdout)
    return Exit.CLEAN
