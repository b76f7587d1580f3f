"""`threatmodel keygen`: a pair of keys that sign bundles."""

from __future__ import annotations

import argparse

from collateral.cli.common import write_text
from collateral.cli.signing import add_passphrase, passphrase
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

HELP = "make an Ed25519 key that signs bundles, and the public key that checks them"
EXAMPLES = ("threatmodel keygen -o keys",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="the folder that gets both files"
    )
    add_passphrase(parser)


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. Nothing is overwritten."""
    from collateral.bundle.keys import PRIVATE, PUBLIC, make_keys

    key = make_keys(around.cwd / args.output, args.output, passphrase(args, around))
    write_text(
        f"{args.output}/{PRIVATE}  private: sign with it, keep it secret, never commit it\n"
        f"{args.output}/{PUBLIC}  public: publish it\n"
        f"fingerprint  sha256:{key.fingerprint}\n"
        "publish the fingerprint in another place than the bundles, so that whoever can replace a bundle "
        "cannot replace it\n",
        around,
    )
    return Exit.CLEAN
