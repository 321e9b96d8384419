"""What /proc says about processes: CPU time and resident memory."""

import os

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """The fields of /proc/PID/stat from the state on; the name before may hold anything (proc(5))."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()


def descendants(pid):
    """The living processes below one, itself first."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                children.setdefault(int(_stat(name)[1]), []).append(int(name))
            except (FileNotFoundError, ProcessLookupError):
                pass
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found


def name(pid):
    with open(f"/proc/{pid}/comm") as file:
        return file.read().strip()


def _running_seconds(pid):
    """CPU time of a process without its children, to the nanosecond where it has one thread only."""
    threads = os.listdir(f"/proc/{pid}/task")
    if len(threads) == 1:
        try:
            with open(f"/proc/{pid}/schedstat") as file:
                return int(file.read().split()[0]) / 1e9
        except FileNotFoundError:
            pass
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_seconds(pid):
    """CPU time of a process and everything below it, the dead included once their parents have waited for them."""
    total = 0.0
    for process in descendants(pid):
        try:
            fields = _stat(process)
            total += _running_seconds(process) + (int(fields[13]) + int(fields[14])) / TICKS
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def _kib(path, key):
    with open(path) as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def pss_kib(pid):
    """Proportional set size of a process and everything below it."""
    total = 0
    for process in descendants(pid):
        try:
            total += _kib(f"/proc/{process}/smaps_rollup", "Pss")
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def resident_kib(pid):
    return _kib(f"/proc/{pid}/status", "VmRSS")


def file_kib(pid):
    """The part of it that is pages of files: the program itself, and what it maps."""
    return _kib(f"/proc/{pid}/status", "RssFile")


def reset_peak(pid):
    """The peak of resident memory starts again from what is resident now."""
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def peak_kib(pid):
    return _kib(f"/proc/{pid}/status", "VmHWM")
