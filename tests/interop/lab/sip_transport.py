# SPDX-License-Identifier: Apache-2.0
"""Sockets of a SIP user agent of the tests: UDP, TCP or TLS, one reader thread a socket."""
import select
import socket
import ssl
import threading

from .sip_message import parse, take_from_stream

READ_SIZE = 65536


class UdpTransport:
    name = "UDP"

    def __init__(self, address, port, next_hop, on_message):
        self._next_hop = next_hop
        self._on_message = on_message
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                data, source = self._socket.recvfrom(READ_SIZE)
            except OSError:
                return
            if data.strip():
                self._on_message(parse(data), lambda answer, to=source: self._reply(answer, to))

    def _reply(self, data, to):
        self._socket.sendto(data, to)

    def send(self, data):
        self._socket.sendto(data, self._next_hop)

    def close(self):
        self._socket.close()


class Connection:
    """A connected socket that one thread reads while others write. An SSL object bears no two
    threads at a time (Python locks it from 3.13 on), and a blocked read would hold the lock: so
    nothing here blocks inside of it."""

    WAITS = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)

    def __init__(self, plain):
        self._socket = plain
        self._lock = threading.Lock()
        plain.setblocking(False)

    def recv(self):
        """Octets, b"" at the end."""
        while True:
            with self._lock:
                try:
                    return self._socket.recv(READ_SIZE)
                except self.WAITS:
                    pass
            select.select([self._socket], [], [])

    def sendall(self, data):
        while data:
            with self._lock:
                try:
                    data = data[self._socket.send(data):]
                    continue
                except self.WAITS:
                    pass
            select.select([], [self._socket], [], 1)

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()


class StreamTransport:
    """TCP, or TLS with `credentials` (ca_file, leaf): it listens, and keeps one connection out."""

    def __init__(self, address, port, next_hop, on_message, credentials=None):
        self.name = "TLS" if credentials else "TCP"
        self._next_hop = next_hop
        self._on_message = on_message
        self._credentials = credentials
        self._out = None
        self._address = address
        self._lock = threading.Lock()
        self._connections = []
        self._listener = socket.create_server((address, port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _context(self, purpose):
        ca_file, leaf = self._credentials
        context = ssl.create_default_context(purpose, cafile=ca_file)
        context.load_cert_chain(leaf.certificate, leaf.key)
        return context

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
                if self._credentials:
                    context = self._context(ssl.Purpose.CLIENT_AUTH)
                    connection = context.wrap_socket(connection, server_side=True)
            except ssl.SSLError:
                continue
            except OSError:
                return
            self._serve(connection)

    def _serve(self, plain):
        connection = Connection(plain)
        self._connections.append(connection)
        threading.Thread(target=self._read, args=(connection,), daemon=True).start()
        return connection

    def _read(self, connection):
        buffer = b""
        while True:
            try:
                data = connection.recv()
            except (OSError, ValueError):  # closed here, or by the peer
                data = b""
            if not data:
                self._forget(connection)
                return
            buffer += data
            message, buffer = take_from_stream(buffer)
            while message is not None:
                self._on_message(message, connection.sendall)
                message, buffer = take_from_stream(buffer)

    def _forget(self, connection):
        with self._lock:
            if self._out is connection:
                self._out = None
        connection.close()

    def _connect(self):
        connection = socket.create_connection(self._next_hop, timeout=5,
                                              source_address=(self._address, 0))
        connection.settimeout(None)
        if self._credentials:
            context = self._context(ssl.Purpose.SERVER_AUTH)
            connection = context.wrap_socket(connection, server_hostname=self._next_hop[0])
        return self._serve(connection)

    def send(self, data):
        with self._lock:
            if self._out is None:
                self._out = self._connect()
            self._out.sendall(data)

    def close(self):
        self._listener.close()
        for connection in self._connections:
            connection.close()
