"""RPC methods of protobuf files, with the types that they take and give and the rules that decide on them."""

from __future__ import annotations

from threatmodel.extract.fact import Fact, Read, Spec
from threatmodel.extract.policy import judged, policies
from threatmodel.readers.proto import methods_of


def rpc_methods(text: str, path: str, spec: Spec) -> Read:
    """A fact for each method, named `package.Service.Method`.

    `lookup` are files in Rego: the detail then says what their rule of the name of the message does, by default and with
    how many bodies. Raises: Unparsable.
    """
    read = policies(spec.around.files)
    return Read(
        facts=[
            Fact(
                kind=spec.kind,
                name=method.name,
                detail=f"{method.takes} returns {method.gives}"
                + (f"; {judged(method.message, read)}" if read else ""),
                path=path,
                line=method.line,
            )
            for method in methods_of(text)
        ]
    )
