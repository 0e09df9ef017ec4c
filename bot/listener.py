"""An open port: uvicorn in the loop of whoever started it, without its signals."""

import socket

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
IDLE_LIFE = 300  # real seconds that an unused connection stays open
FAREWELL = 2  # real seconds that running calls have to end


class Listener:
    """One port with one application behind it; `most` connections at once."""

    def __init__(
        self, application: Starlette, port: int, host: str = HOST, *, most: int | None = None
    ) -> None:
        self._host = host
        self._wanted_port = port
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                application,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                limit_concurrency=most,
                timeout_keep_alive=IDLE_LIFE,
                timeout_graceful_shutdown=FAREWELL,
            )
        )
        self.port = 0

    async def open(self) -> None:
        """Listen; `port` is known afterwards.

        Raises: OSError when the wanted port is taken.
        """
        # With the protocol named, asyncio switches off Nagle's algorithm on every connection;
        # otherwise each answer waits 40 ms for an acknowledgement.
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        own = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind((self._host, self._wanted_port))
        except OSError:
            own.close()
            raise
        self.port = int(own.getsockname()[1])
        config = self._uvicorn.config
        config.load()
        # Started by hand, not by serve(): that would take over the signals of the whole program.
        self._uvicorn.lifespan = config.lifespan_class(config)
        await self._uvicorn.startup(sockets=[own])

    async def close(self) -> None:
        """Stop listening and end what is open."""
        for server in self._uvicorn.servers:
            server.close()
        state = self._uvicorn.server_state
        if state.connections or state.tasks:  # otherwise there is nothing to wait for
            await self._uvicorn.shutdown()

    def cut(self, host: str, port: int) -> None:
        """Break the connection that comes from an address, at once."""
        for connection in self._uvicorn.server_state.connections:
            if isinstance(connection, H11Protocol) and connection.client == (host, port):
                connection.transport.abort()
                return
