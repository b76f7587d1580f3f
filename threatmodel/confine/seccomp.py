"""A system-call filter as classic BPF: what a confined child has no use for is refused.

The numbers are those of the kernel's user interface (asm/unistd.h), which never change.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_FIRST_ARGUMENT = 0, 4, 16
_X32_BIT = 0x40000000
_NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag that clone(2) takes

# io_uring, the new mount interface, mount_setattr: one numbering for all machines
_COMMON = (425, 426, 427, 428, 429, 430, 431, 432, 433, 442)
_CLONE3 = 435


@dataclass(frozen=True, slots=True)
class _Machine:
    audit: int
    clone: int
    socket: int
    refused: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        audit=0xC000003E,
        clone=56,
        socket=41,
        # ptrace, syslog, vhangup, pivot_root, chroot, acct, settimeofday, mount, umount2, swap, reboot,
        # sethostname, setdomainname, iopl, ioperm, modules, quotactl, kexec, keys, unshare,
        # perf_event_open, file handles, setns, process_vm_*, finit_module, kexec_file, bpf, userfaultfd
        refused=(
            *(101, 103, 153, 155, 161, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 175, 176, 179),
            *(246, 248, 249, 250, 272, 298, 303, 304, 308, 310, 311, 313, 320, 321, 323),
        ),
    ),
    "aarch64": _Machine(
        audit=0xC00000B7,
        clone=220,
        socket=198,
        refused=(
            *(117, 116, 58, 41, 51, 89, 170, 40, 39, 224, 225, 142, 161, 162, 105, 106, 60),
            *(104, 217, 218, 219, 97, 241, 264, 265, 268, 270, 271, 273, 294, 280, 282),
        ),
    ),
}


def supported() -> bool:
    """True where a filter can be written for this machine's processor."""
    return platform.machine() in _MACHINES


def program(socket_families: Iterable[int]) -> bytes:
    """The filter as an array of `struct sock_filter`; empty where the processor is not known.

    `socket_families` are the address families for which socket(2) stays allowed. clone3 answers "not
    implemented" because its flags lie in memory that a filter cannot read; libraries then use clone.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return b""
    code = [_op(_LOAD, _OFFSET_ARCH), _op(_JUMP_EQUAL, machine.audit, 1, 0), _op(_RETURN, _KILL)]
    code.append(_op(_LOAD, _OFFSET_NUMBER))
    if machine.audit == _MACHINES["x86_64"].audit:
        code += [_op(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _refuse(errno.EPERM)]
    code += [_op(_JUMP_EQUAL, _CLONE3, 0, 1), _refuse(errno.ENOSYS)]
    for number in sorted((*machine.refused, *_COMMON)):
        code += [_op(_JUMP_EQUAL, number, 0, 1), _refuse(errno.EPERM)]
    code += [_op(_JUMP_EQUAL, machine.clone, 0, 4), _op(_LOAD, _OFFSET_FIRST_ARGUMENT)]
    code += [_op(_JUMP_ANY_BIT, _NEW_NAMESPACES, 0, 1), _refuse(errno.EPERM), _op(_RETURN, _ALLOW)]
    families = sorted(socket_families)
    code += [_op(_JUMP_EQUAL, machine.socket, 1, 0), _op(_RETURN, _ALLOW), _op(_LOAD, _OFFSET_FIRST_ARGUMENT)]
    for family in families:
        code += [_op(_JUMP_EQUAL, family, 0, 1), _op(_RETURN, _ALLOW)]
    code.append(_refuse(errno.EACCES))
    return b"".join(code)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(number: int) -> bytes:
    return _op(_RETURN, _ERRNO | number)
