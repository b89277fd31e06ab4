# SPDX-License-Identifier: MIT
"""Runs one module of CPython's regression tests natively and under a preload
library, and compares the outcome test by test.

    cpython-compare.py LIBRARY MODULE [--seconds N] [--ignore PATTERN]... [--use RESOURCE]
        [--terminal]

A difference counts when it is there again in a second pair of runs; tests
whose native outcome changes from run to run are named and left out.
Exit status: 0 the same, 1 different, 77 the module cannot be run here.
"""
import argparse
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import termios
import time
import xml.etree.ElementTree as ElementTree


def outcome(case):
    for kind in ('error', 'failure', 'skipped'):
        if case.find(kind) is not None:
            return kind
    return 'passed' if case.get('status', 'run') == 'run' else case.get('status')


def results(path):
    """Test -> outcome; the same test may appear twice (subtests): worst wins."""
    rank = ['passed', 'skipped', 'failure', 'error']
    found = {}
    for case in ElementTree.parse(path).iter('testcase'):
        name, how = case.get('name'), outcome(case)
        if name not in found or rank.index(how) > rank.index(found[name]):
            found[name] = how
    return found


def controlled_by(terminal):
    """What makes a new session's terminal of it; nothing without one."""
    if terminal is None:
        return None
    return lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def run(arguments, library):
    """The outcomes of one run, the seconds it took, and the last of its output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith('PYTHON')}
    environment.pop('LD_PRELOAD', None)
    if library:
        environment['LD_PRELOAD'] = library
        environment.setdefault('RINGSHIM_ROUTE', 'ring')
    with tempfile.TemporaryDirectory() as directory:
        report = os.path.join(directory, 'report.xml')
        command = [sys.executable, '-m', 'test', '--junit-xml', report,
                   '--timeout', str(arguments.seconds), '--tempdir', directory]
        for pattern in arguments.ignore:
            command += ['-i', pattern]
        if arguments.use:
            command += ['-u', arguments.use]
        master, terminal = os.openpty() if arguments.terminal else (None, None)
        began = time.monotonic()
        with open(os.path.join(directory, 'output'), 'w+', errors='replace') as output:
            process = subprocess.Popen(command + [arguments.module], env=environment,
                                       cwd=directory, stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=output, start_new_session=True,
                                       preexec_fn=controlled_by(terminal))
            try:
                status = process.wait(arguments.seconds + 30)
            except subprocess.TimeoutExpired:
                status = 'killed after %d s' % (arguments.seconds + 30)
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            for fd in (master, terminal):
                if fd is not None:
                    os.close(fd)
            took = time.monotonic() - began
            output.seek(0)
            tail = output.read()[-3000:]
        try:
            found = results(report)
        except (OSError, ElementTree.ParseError):
            # No report: it crashed or hung, which is an outcome as well.
            found = {'(the module)': 'no report, status %s' % status}
    return found, took, tail


def differing(native, shim):
    return {name for name in native.keys() | shim.keys() if native.get(name) != shim.get(name)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('library')
    parser.add_argument('module')
    parser.add_argument('--seconds', type=int, default=180)
    parser.add_argument('--ignore', action='append', default=[])
    parser.add_argument('--use')
    parser.add_argument('--terminal', action='store_true',
                        help='give the module a controlling terminal')
    arguments = parser.parse_args()

    native, native_took, tail = run(arguments, None)
    if '(the module)' in native:
        print(tail)
        why = [line for line in tail.splitlines() if 'Error' in line or 'imeout' in line]
        print('%s: no result even natively: %s' % (arguments.module, why[-1] if why else '?'))
        return 77
    shim, shim_took, tail = run(arguments, arguments.library)
    different = differing(native, shim)
    unsteady = set()
    if different:
        native_again, _, _ = run(arguments, None)
        shim_again, _, tail = run(arguments, arguments.library)
        unsteady = differing(native, native_again)
        different &= differing(native_again, shim_again)
        different -= unsteady
    counts = {how: list(native.values()).count(how) for how in sorted(set(native.values()))}
    print('%s: %s; %.0f s natively, %.0f s under the shim' % (
        arguments.module, ', '.join('%d %s' % (n, how) for how, n in counts.items()),
        native_took, shim_took))
    if unsteady:
        print('unsteady natively: ' + ', '.join(sorted(unsteady)))
    for name in sorted(different):
        print('%s: %s natively, %s under the shim' % (name, native.get(name, 'absent'),
                                                     shim.get(name, 'absent')))
    if different:
        print(tail)
    return 1 if different else 0


if __name__ == '__main__':
    sys.exit(main())
