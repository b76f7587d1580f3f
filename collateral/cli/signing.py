"""Options of commands that handle private keys. A key or passphrase is never a word of a command line."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from collateral.bundle.beside import Wanted


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    """Where the passphrase of a private key is."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--passphrase-file", metavar="FILE", help="a file with the passphrase of the private key in one line"
    )
    group.add_argument(
        "--passphrase-env", metavar="NAME", help="the environment variable that holds the passphrase"
    )


def passphrase(args: argparse.Namespace, around: Surroundings) -> bytes | None:
    """The passphrase, where one was named.

    Raises:
        UsageError: it was named and is not there, or others can read its file.
    """
    if args.passphrase_file is not None:
        from collateral.bundle.keys import read_secret

        found = read_secret(around.cwd / args.passphrase_file, args.passphrase_file)
        found = found.removesuffix(b"\n").removesuffix(b"\r")
        where = args.passphrase_file
    elif args.passphrase_env is not None:
        found = around.environ.get(args.passphrase_env, "").encode("utf-8", "surrogateescape")
        where = f"environment variable {args.passphrase_env}"
    else:
        return None
    if not found:
        raise UsageError(Diagnostic(code="K003", message=f"{fold(where)} holds no passphrase"))
    return found


def add_builder(parser: argparse.ArgumentParser) -> None:
    """Who builds, as the signer says."""
    parser.add_argument(
        "--builder", metavar="URI", help="who builds, for the signed provenance; nobody is named otherwise"
    )


def add_signing(parser: argparse.ArgumentParser) -> None:
    """The key that signs a bundle, and who builds it."""
    parser.add_argument(
        "--sign", metavar="KEYFILE", help="sign the bundle with this Ed25519 key (`threatmodel keygen`)"
    )
    add_builder(parser)
    add_passphrase(parser)


def wanted(args: argparse.Namespace, around: Surroundings) -> Wanted:
    """What is made beside the bundle.

    Raises:
        UsageError: a key that cannot be used, or an option that would have no effect.
    """
    from collateral.bundle.beside import Wanted
    from collateral.bundle.keys import read_private
    from collateral.bundle.provenance import NO_BUILDER, checked_builder

    if args.sign is None:
        for name in ("builder", "passphrase_file", "passphrase_env"):
            if getattr(args, name) is not None:
                option = f"--{name.replace('_', '-')}"
                raise UsageError(
                    Diagnostic(
                        code="U021", message=f"{option} says nothing without --sign", hint="add --sign"
                    )
                )
        return Wanted(archive=args.archive)
    return Wanted(
        archive=args.archive,
        signer=read_private(around.cwd / args.sign, args.sign, passphrase(args, around)),
        builder=NO_BUILDER if args.builder is None else checked_builder(args.builder),
    )
