"""A PostgreSQL server of a test's own, which may be stopped without a warning; the one that others use is not."""

import getpass
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from odoo import tools


class Cluster:
    """A server in a temporary directory, reached over a socket in it."""

    def __init__(self):
        self._directory = Path(tempfile.mkdtemp(prefix="subplus-"))
        self.host, self._data = str(self._directory), self._directory / "data"
        self._user = getpass.getuser()
        self._data.mkdir()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
            for path in (self._directory, self._data):
                shutil.chown(path, "postgres")
        self._run("initdb", "-U", self._user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start()

    def start(self):
        """Start the server, and wait until it takes connections."""
        options = f"-k {self.host} -c listen_addresses='' -c synchronous_commit=off"
        self._run("pg_ctl", "-o", options, "-l", str(self._directory / "log"), "-w", "start")

    def stop_at_once(self):
        """Stop the server as a power cut does."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def restart_at_once(self):
        """Stop the server as a power cut does, and start it again."""
        self.stop_at_once()
        self.start()

    def remove(self):
        """Stop the server and delete its data."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self._directory)

    def _run(self, program, *arguments, check=True):
        command = [_find_program(program), "-D", self._data, *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, cwd="/", check=check, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    # === DATABASES ===#

    @property
    def connection(self):
        """How to connect, as libpq's arguments."""
        return {"host": self.host, "user": self._user, "port": 5432}

    @property
    def environ(self):
        """How to connect, as environment variables."""
        return {f"PG{name.upper()}": str(value) for name, value in self.connection.items()}

    def write_config(self):
        """Write a configuration by which Odoo uses this server, and return its path."""
        lines = Path(tools.config["config"]).read_text().splitlines()
        lines = [line for line in lines if not line.startswith("db_")]
        lines += [f"db_{name} = {value}" for name, value in self.connection.items()]
        path = self._directory / "odoo.conf"
        path.write_text("\n".join(lines))
        return str(path)

    def bring(self, source, target):
        """Copy a database of the common server into this one."""
        self.create(target)
        dump = subprocess.Popen(["pg_dump", "-Fc", "-Z0", source], stdout=subprocess.PIPE)
        restore = ["pg_restore", "--no-owner", "-d", target]
        subprocess.run(restore, stdin=dump.stdout, env=os.environ | self.environ, check=True)
        assert dump.wait() == 0

    def create(self, name, template="template0"):
        """Create a database, a copy of ``template``."""
        subprocess.run(["createdb", "-T", template, name], env=os.environ | self.environ, check=True)


def _find_program(name):
    """The path of one of PostgreSQL's programs, of the newest version there is; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    return str(found[-1]) if found else name
